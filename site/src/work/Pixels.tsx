import { useEffect, useRef } from "preact/hooks";

interface PixelsProps {
  readonly data: ArrayLike<number>;
  readonly rows: number;
  readonly columns: number;
  /** Pixels of the screen for one of the picture. */
  readonly scale?: number;
  /** "gray" from 0 as black to the greatest as white; "signed" from blue through white to orange. */
  readonly colors?: "gray" | "signed";
  /** What the picture shows, for those who do not see it; none where a text beside it says so. */
  readonly label?: string;
}

/** Numbers as a picture. */
export function Pixels({ data, rows, columns, scale = 2, colors = "gray", label }: PixelsProps) {
  const place = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = place.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(columns, rows);
    let most = 1e-9;
    for (let at = 0; at < rows * columns; at++)
      most = Math.max(most, colors === "signed" ? Math.abs(data[at]!) : data[at]!);
    for (let at = 0; at < rows * columns; at++) {
      const [red, green, blue] = colorOf(data[at]! / most, colors);
      image.data.set([red, green, blue, 255], 4 * at);
    }
    context.putImageData(image, 0, 0);
  }, [data, rows, columns, colors]);
  return (
    <canvas
      ref={place}
      width={columns}
      height={rows}
      class="pixels"
      style={{ width: `${columns * scale}px`, height: `${rows * scale}px` }}
      {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
    />
  );
}

function colorOf(value: number, colors: "gray" | "signed"): [number, number, number] {
  if (colors === "gray") {
    const level = 255 * Math.min(1, Math.max(0, value));
    return [level, level, level];
  }
  const away = Math.min(1, Math.abs(value));
  const [red, green, blue] = value < 0 ? [40, 96, 214] : [222, 110, 20];
  return [255 + (red - 255) * away, 255 + (green - 255) * away, 255 + (blue - 255) * away];
}
