import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

interface ChartProps {
  readonly title: string;
  /** Steps, then one row of numbers for each line. */
  readonly rows: readonly (readonly (number | null)[])[];
  readonly lines: readonly string[];
}

/** Lines over the steps of training. The latest numbers stand as text beside it. */
export function Chart({ title, rows, lines }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  useEffect(() => {
    const box = place.current!;
    const colour = (name: string) => {
      const probe = document.createElement("i");
      probe.style.color = `var(${name})`;
      box.append(probe);
      const { color } = getComputedStyle(probe);
      probe.remove();
      return color;
    };
    const axis = { stroke: colour("--ink"), grid: { stroke: colour("--line") } };
    const dashes = [[], [6, 4]];
    chart.current = new uPlot(
      {
        width: box.clientWidth || 320,
        height: 220,
        title,
        scales: { x: { time: false } },
        axes: [axis, axis],
        series: [
          { label: "step" },
          ...lines.map((label, index) => ({
            label,
            stroke: colour(index === 0 ? "--accent" : "--plus"),
            dash: dashes[index] ?? [],
            width: 2,
            spanGaps: true,
          })),
        ],
      },
      rows as uPlot.AlignedData,
      box,
    );
    const watcher = new ResizeObserver(() => chart.current?.setSize({ width: box.clientWidth, height: 220 }));
    watcher.observe(box);
    return () => {
      watcher.disconnect();
      chart.current?.destroy();
    };
  }, []);
  useEffect(() => chart.current?.setData(rows as uPlot.AlignedData), [rows]);
  return <div class="chart" ref={place} role="img" aria-label={title} />;
}
