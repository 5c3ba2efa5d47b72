/** The chosen digits, one at a time: a row of pictures to choose from, and what the model makes of each. */
import { type DigitStudy, steps } from "./digits.ts";
import { share } from "./figures.ts";
import type { Findings } from "./findings.ts";
import { type Html, html } from "./html.ts";
import { imageOf } from "./pixels.ts";
import type { Section } from "./section.ts";

export function digitSection({ digits }: Findings): Section {
  const radios = digits.map(
    ({ digit }, index) =>
      html`<input type="radio" name="digit" id="digit-${digit}"${index === 0 ? html` checked` : ""}><label for="digit-${digit}">${imageOf(digits[index]!.image, "")}<span>${digit}</span></label>`,
  );
  // Which panel is seen follows from which button is checked, without a script.
  const rules = digits.map(({ digit }) => `#digit-${digit}:checked~#panel-${digit}{display:grid}`).join("");
  return {
    id: "digits",
    short: "Digits",
    title: "What it sees in a digit",
    lead: "The first test image of each digit: what Sora answers, which places the answer comes from, and the feature maps on the way.",
    body: html`<style>${rules}</style><fieldset class="tabs"><legend class="sr">Choose a digit</legend>${radios}${digits.map(panelOf)}</fieldset>`,
  };
}

function panelOf(study: DigitStudy): Html {
  const { digit, index, predicted, probabilities, image, gradCam, attribution, completeness, maps } = study;
  const right = predicted === digit;
  const { sum, difference, error } = completeness;
  return html`<div class="digit" id="panel-${digit}">
<div class="panel answer"><h3>Test image ${index}, a ${digit} <span class="badge ${right ? "good" : "bad"}">${right ? "read" : "misread"} as ${predicted}</span></h3>
<ol class="scores" start="0">${probabilities.map((probability, value) => scoreOf(probability, value, value === predicted))}</ol></div>
<div class="panel looks">
${picture("what it sees", imageOf(image, `the image, a ${digit}`), "the image")}
${picture("Grad-CAM", imageOf(gradCam, `Grad-CAM for ${predicted}`), html`brighter where maps that speak for ${predicted} are strong`)}
${picture("integrated gradients", imageOf(attribution, `integrated gradients for ${predicted}`), html`red pixels speak for ${predicted}, blue ones against it`)}
<p class="sums">What integrated gradients give the pixels adds up to ${sum.toFixed(4)} at ${steps} steps; the score of ${predicted} is ${difference.toFixed(4)} above that of a black image: off by ${share(error, 3)}.</p></div>
${maps.map(({ id, channels, sheet }) => html`<div class="panel maps"><h3>${id} <small>${channels} feature maps, each on its own scale</small></h3>${imageOf(sheet, `${channels} feature maps behind ${id}`)}</div>`)}
</div>
`;
}

function scoreOf(probability: number, digit: number, best: boolean): Html {
  const value = probability >= 0.0005 ? share(probability) : "0";
  return html`<li${best ? html` class="best"` : ""}><b>${digit}</b><span class="meter" style="--share:${probability.toFixed(4)}"></span><span>${value}</span></li>`;
}

function picture(name: string, image: Html, text: Html | string): Html {
  return html`<figure>${image}<figcaption><b>${name}</b> ${text}</figcaption></figure>`;
}
