/** The page's style: light and dark, from a phone to a desk. Colours are named once; everything else uses the names. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f6f6f3; --panel: #ffffff; --ink: #17191d; --soft: #565c66; --line: #dfe0dc; --faint: #ecece8;
  --accent: #1f5fbf; --good: #17764a; --good-back: #e0f2e8; --bad: #b3261e; --bad-back: #fbe5e2;
  --filters: #2f6fd6; --neurons: #7a4fc9; --activation: #a65d00; --reduction: #0f8279; --layout: #737a85; --input: #737a85;
  --s0: #2f6fd6; --s1: #c4670a; --s2: #0f8279; --s3: #7a4fc9; --heat: 47, 111, 214; --miss: 200, 60, 40;
  --sans: Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #101215; --panel: #181b20; --ink: #e9eaec; --soft: #a3a9b3; --line: #2c3037; --faint: #22262c;
    --accent: #86b4ff; --good: #6fd3a0; --good-back: #14321f; --bad: #ff9d92; --bad-back: #43191a;
    --filters: #6ea3f5; --neurons: #b292f2; --activation: #eda643; --reduction: #46c2b4; --layout: #8d95a1; --input: #8d95a1;
    --s0: #6ea3f5; --s1: #f0a04b; --s2: #46c2b4; --s3: #b292f2; --heat: 110, 163, 245; --miss: 240, 100, 80;
  }
  .looks img.signed { filter: brightness(1.6); }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 64px; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 var(--sans); font-variant-numeric: tabular-nums; }
.hero, main, footer { max-width: 1200px; margin: 0 auto; padding: 0 28px; }
h1 { font-size: clamp(2.1rem, 5.2vw, 3.5rem); line-height: 1.05; letter-spacing: -0.03em; font-weight: 700; margin: 0; text-wrap: balance; }
h2 { font-size: clamp(1.45rem, 3vw, 1.95rem); line-height: 1.15; letter-spacing: -0.02em; margin: 0 0 8px; }
h3 { font-size: 1rem; line-height: 1.35; margin: 0 0 12px; }
h3 small, summary small { font-weight: 400; color: var(--soft); font-size: 0.86em; margin-left: 6px; }
p { margin: 0; }
a { color: var(--accent); }
ul, ol { list-style: none; margin: 0; padding: 0; }
code { font: 0.92em/1.4 var(--mono); overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -999px; } .skip:focus { left: 12px; top: 12px; background: var(--panel); padding: 8px 12px; z-index: 3; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.lead { color: var(--soft); max-width: 72ch; text-wrap: pretty; }

.hero { padding-top: clamp(36px, 7vw, 80px); padding-bottom: 32px; }
.hero .kicker { color: var(--soft); font-size: 0.85rem; letter-spacing: 0.02em; margin-bottom: 12px; }
.hero .lead { font-size: clamp(1.05rem, 2vw, 1.25rem); margin-top: 16px; max-width: 56ch; }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 14px; margin: 36px 0 18px; }
.tile { background: var(--panel); border: 1px solid var(--line); border-radius: 12px; padding: 16px 18px; min-width: 0; }
.tile dt { color: var(--soft); font-size: 0.85rem; }
.tile dd { margin: 2px 0 0; }
.tile strong { display: block; font-size: clamp(1.35rem, 2.6vw, 1.95rem); letter-spacing: -0.02em; line-height: 1.25; font-weight: 650; }
.tile span { color: var(--soft); font-size: 0.82rem; line-height: 1.35; display: block; }
.tile.good strong { color: var(--good); } .tile.bad strong { color: var(--bad); }
.sha { color: var(--soft); font-size: 0.8rem; white-space: nowrap; display: flex; gap: 6px; align-items: baseline; min-width: 0; }
.hash { display: inline-block; min-width: 0; max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; vertical-align: bottom; }
td .hash { max-width: 12ch; display: block; }

nav { position: sticky; top: 0; z-index: 2; background: color-mix(in srgb, var(--page) 90%, transparent); backdrop-filter: blur(10px); border-bottom: 1px solid var(--line); }
nav ul { max-width: 1200px; margin: 0 auto; padding: 0 20px; display: flex; overflow-x: auto; scrollbar-width: none; }
nav a { display: block; padding: 13px 9px; color: var(--soft); text-decoration: none; font-size: 0.92rem; white-space: nowrap; }
nav a:hover { color: var(--ink); }

section { padding: 52px 0 4px; }
section > header { margin-bottom: 22px; }
.panel, .card { background: var(--panel); border: 1px solid var(--line); border-radius: 12px; padding: 20px; margin: 0 0 16px; min-width: 0; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; }
.two > * { margin-bottom: 16px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(248px, 1fr)); gap: 14px; }
.cards.three { grid-template-columns: repeat(3, 1fr); }
.card.total { --kind: var(--ink); grid-column: span 2; }
.card { margin: 0; }
.card h3 { margin: 0; } .card > p { color: var(--soft); font-size: 0.88rem; }
#costs .card { border-top: 4px solid var(--kind); padding-top: 14px; }
#costs .card h3 { font-family: var(--mono); font-size: 0.98rem; }
.filters { --kind: var(--filters); } .neurons { --kind: var(--neurons); } .activation { --kind: var(--activation); }
.reduction { --kind: var(--reduction); } .layout { --kind: var(--layout); } .input, .output { --kind: var(--input); }
.s0 { --kind: var(--s0); } .s1 { --kind: var(--s1); } .s2 { --kind: var(--s2); } .s3 { --kind: var(--s3); }
.facts { margin: 12px 0; font-size: 0.86rem; }
.facts div { display: flex; justify-content: space-between; gap: 10px; padding: 4px 0; border-top: 1px solid var(--faint); }
.facts dt { color: var(--soft); } .facts dd { margin: 0; text-align: right; }
.badge { display: inline-block; border-radius: 99px; padding: 2px 10px; font-size: 0.84rem; font-weight: 600; }
.badge.good { color: var(--good); background: var(--good-back); } .badge.bad { color: var(--bad); background: var(--bad-back); }
figure { margin: 0; } figcaption, .note { color: var(--soft); font-size: 0.88rem; margin-top: 12px; max-width: 80ch; text-wrap: pretty; }
figcaption b { color: var(--ink); }
.legend { display: flex; flex-wrap: wrap; gap: 6px 18px; font-size: 0.86rem; color: var(--soft); }
.swatch { display: inline-block; width: 11px; height: 11px; border-radius: 3px; background: var(--kind); margin-right: 7px; }

svg { display: block; max-width: 100%; height: auto; font-family: var(--sans); }
.graph.wide { width: 100%; } svg.narrow, svg.middle { display: none; } svg.defs { position: absolute; }
.box { fill: var(--page); stroke: var(--line); } .band { fill: var(--kind); }
.id { font: 600 13px var(--mono); fill: var(--ink); } .module { font-size: 11.5px; fill: var(--soft); }
.shape { font: 11.5px var(--mono); fill: var(--soft); }
.arrow { fill: none; stroke: var(--soft); stroke-width: 1.5; } .tip { fill: var(--soft); }
.graphs .legend { margin-top: 18px; }
.grid { stroke: var(--faint); } .base { stroke: var(--soft); stroke-width: 1; } .leader { stroke: var(--soft); stroke-width: 0.8; } .roof { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 5 4; }
.tick, .axis, svg .note { font-size: 11.5px; fill: var(--soft); } .chart .name { font: 11px var(--mono); fill: var(--ink); }
.chart rect, .chart circle { fill: var(--kind); } .chart circle { stroke: var(--panel); stroke-width: 1.2; } .chart .dot { fill-opacity: 0.82; }
.shares p { font-size: 0.86rem; color: var(--soft); margin-bottom: 4px; }
.bar { display: flex; gap: 2px; margin-bottom: 14px; height: 30px; }
.bar i { background: var(--kind); flex-basis: 0; min-width: 0; border-radius: 3px; overflow: hidden; font-style: normal; }
.bar span { display: block; font: 600 11.5px/30px var(--mono); color: var(--panel); padding: 0 8px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }

.map { display: flex; flex-wrap: wrap; gap: 14px 22px; } .map li { min-width: 0; } .map p { font: 11px var(--mono); color: var(--soft); margin-bottom: 5px; }
.map div { display: grid; width: max-content; grid-auto-flow: column; grid-template-rows: repeat(8, 13px); gap: 3px; justify-content: start; }
.map i { width: 13px; height: 13px; border-radius: 3px; background: color-mix(in srgb, var(--kind) calc(100% * var(--share)), var(--faint)); }
.map i.whole { grid-row: span 8; height: auto; }
.pixels { image-rendering: pixelated; } img.pixels { display: block; height: auto; }
.bank { display: grid; grid-template-columns: repeat(16, minmax(0, 1fr)); gap: 14px 12px; }
.bank.deep { grid-template-columns: repeat(8, minmax(0, 1fr)); }
.bank img { width: 100%; } .bank:not(.deep) img { border-radius: 4px; } .bank img, .looks img.signed { box-shadow: 0 0 0 1px var(--line); }
.bank:not(.deep) .caption span { width: 100%; }
.meter { display: block; height: 4px; border-radius: 2px; background: linear-gradient(var(--kind, var(--accent)), var(--kind, var(--accent))) 0 / calc(100% * var(--share)) 100% no-repeat var(--faint); margin-top: 6px; }
.caption { font-size: 0.74rem; color: var(--soft); display: flex; justify-content: space-between; flex-wrap: wrap; column-gap: 4px; line-height: 1.5; }
.caption b { color: var(--ink); }

.tabs { display: flex; flex-wrap: wrap; gap: 8px; border: 0; padding: 0; margin: 0; min-width: 0; }
.tabs > input { position: absolute; opacity: 0; pointer-events: none; }
.tabs > label { cursor: pointer; text-align: center; font-size: 0.86rem; border: 2px solid transparent; border-radius: 10px; padding: 4px; color: var(--soft); margin-bottom: 10px; }
.tabs > label img { width: 56px; border-radius: 6px; }
.tabs > label:hover { border-color: var(--line); }
.tabs > input:checked + label { border-color: var(--accent); color: var(--ink); font-weight: 600; }
.tabs > input:focus-visible + label { outline: 2px solid var(--accent); outline-offset: 2px; }
.digit { display: none; width: 100%; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px; }
.digit .panel { margin: 0; }
.scores li { display: grid; white-space: nowrap; grid-template-columns: 1.2em 1fr 4.4em; gap: 10px; align-items: center; font-size: 0.88rem; color: var(--soft); padding: 2.5px 0; }
.scores .meter { height: 10px; margin: 0; } .scores li > span:last-child { text-align: right; } .scores .best { color: var(--ink); font-weight: 600; }
.looks { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 16px; align-content: start; }
.looks img { width: 100%; border-radius: 6px; } .looks figcaption { font-size: 0.82rem; margin-top: 8px; line-height: 1.4; } .looks figcaption b { display: block; }
.sums { grid-column: 1 / -1; color: var(--soft); font-size: 0.84rem; }
.maps img { width: 100%; border-radius: 4px; }

.frame { overflow-x: auto; max-width: 100%; } .frame.tall { max-height: 520px; overflow-y: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.85rem; }
th, td { text-align: left; padding: 6px 9px; border-bottom: 1px solid var(--faint); white-space: nowrap; font-weight: 400; }
tbody th { font: 0.96em var(--mono); } .number { text-align: right; } th.number button { text-align: right; } td .meter { display: inline-block; vertical-align: middle; margin: 0 12px 0 0; width: 90px; height: 6px; }
thead th { color: var(--soft); white-space: normal; border-bottom-color: var(--line); vertical-align: bottom; background: var(--panel); }
.frame.tall thead th { position: sticky; top: 0; z-index: 1; }
tfoot th, tfoot td { border-bottom: 0; font-weight: 600; }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-align: inherit; }
th[aria-sort] { color: var(--ink); } th[aria-sort="ascending"] button::after { content: " ↑"; } th[aria-sort="descending"] button::after { content: " ↓"; }
details { background: var(--panel); border: 1px solid var(--line); border-radius: 12px; margin: 0 0 16px; padding: 0 20px; }
summary { cursor: pointer; padding: 14px 0; font-weight: 600; } details[open] { padding-bottom: 20px; }
pre { margin: 0; overflow-x: auto; font-size: 0.84rem; }
.confusion { table-layout: fixed; } .confusion th, .confusion td { text-align: center; padding: 11px 0; }
.confusion thead th:last-child, .confusion td.number { width: 4.6em; text-align: right; }
.confusion .hit { font-weight: 600; background: rgba(var(--heat), 0.16); } .confusion .miss { background: rgba(var(--miss), calc(0.62 * var(--share))); }
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(70px, 1fr)); gap: 14px 12px; }
.mistakes li { font-size: 0.85rem; line-height: 1.35; } .mistakes img { width: 100%; border-radius: 5px; margin-bottom: 5px; } .mistakes small { color: var(--soft); display: block; }
footer { color: var(--soft); font-size: 0.85rem; padding-top: 32px; padding-bottom: 64px; } footer p { border-top: 1px solid var(--line); padding-top: 20px; max-width: 90ch; }

@media (max-width: 900px) {
  .tiles { grid-template-columns: 1fr 1fr; } .bank { grid-template-columns: repeat(8, minmax(0, 1fr)); } .bank.deep { grid-template-columns: repeat(4, minmax(0, 1fr)); } .two, .digit { grid-template-columns: minmax(0, 1fr); gap: 0; } .digit { gap: 16px; }
  .graph.wide { display: none; } .graph.middle { display: block; margin: 0 auto; }
}
@media (max-width: 640px) {
  .hero, main, footer { padding-left: 16px; padding-right: 16px; } nav ul { padding: 0 8px; }
  .tiles { gap: 10px; } .tile { padding: 12px 14px; } .panel, .card { padding: 14px; } details { padding-left: 14px; padding-right: 14px; }
  .cards.three { grid-template-columns: 1fr; } section { padding-top: 40px; }
  svg.wide, .graph.middle { display: none; } svg.narrow { display: block; margin: 0 auto; }
  .tabs { gap: 4px; } .tabs > label { flex: 1 1 17%; } .tabs > label img { width: 100%; } .confusion { font-size: 0.68rem; } .confusion .hit { font-weight: 500; letter-spacing: -0.05em; } .confusion th, .confusion td { padding: 7px 0; } .confusion thead th:last-child, .confusion td.number { width: 4.3em; }
  .bank.deep { grid-template-columns: repeat(4, minmax(0, 1fr)); } .bank { gap: 12px 8px; } .bank:not(.deep) .caption span { display: none; }
  .cards.row { grid-template-columns: none; grid-auto-flow: column; grid-auto-columns: 84%; overflow-x: auto; scroll-snap-type: x mandatory; padding-bottom: 10px; }
  thead th { white-space: nowrap; } .cards.row .card { scroll-snap-align: start; } .card.total { grid-column: auto; } .looks { gap: 10px; }
}
@media print {
  nav, .skip { display: none; } .digit { display: grid; break-inside: avoid; } .panel, .card { break-inside: avoid; } .frame.tall { max-height: none; }
}
`;
