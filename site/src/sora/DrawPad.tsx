import { useEffect, useRef } from "preact/hooks";
import { say } from "../frame/language.ts";

interface DrawPadProps {
  /** 28 × 28, from 0 to 1. */
  readonly pixels: Float32Array;
  readonly onChange: (pixels: Float32Array) => void;
}

const side = 28;

/** A place to draw on with mouse, finger or pen. */
export function DrawPad({ pixels, onChange }: DrawPadProps) {
  const place = useRef<HTMLCanvasElement>(null);
  const current = useRef(pixels);
  const last = useRef<readonly [x: number, y: number] | undefined>(undefined);
  current.current = pixels;
  useEffect(() => {
    const context = place.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(side, side);
    pixels.forEach((value, at) => {
      image.data.set([255 * value, 255 * value, 255 * value, 255], 4 * at);
    });
    context.putImageData(image, 0, 0);
  }, [pixels]);
  const draw = (event: PointerEvent) => {
    const { left, top, width } = place.current!.getBoundingClientRect();
    const to = [((event.clientX - left) / width) * side, ((event.clientY - top) / width) * side] as const;
    current.current = stroked(current.current, last.current ?? to, to);
    last.current = to;
    onChange(current.current);
  };
  return (
    <canvas
      ref={place}
      class="pad"
      width={side}
      height={side}
      role="img"
      aria-label={say(
        "The digit. Draw here with mouse or finger, or take a test image below.",
        "数字。在此用鼠标或手指书写，或选用下面的测试图。",
      )}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        last.current = undefined;
        draw(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons & 1) draw(event);
      }}
    />
  );
}

/** The picture with a stroke of a soft brush added. */
export function stroked(
  pixels: Float32Array,
  [fromX, fromY]: readonly [number, number],
  [toX, toY]: readonly [number, number],
): Float32Array {
  const result = pixels.slice();
  const length = (toX - fromX) ** 2 + (toY - fromY) ** 2;
  for (let at = 0; at < result.length; at++) {
    const x = (at % side) + 0.5;
    const y = Math.floor(at / side) + 0.5;
    const along = length === 0 ? 0 : ((x - fromX) * (toX - fromX) + (y - fromY) * (toY - fromY)) / length;
    const near = Math.min(1, Math.max(0, along));
    const distance = Math.hypot(x - fromX - near * (toX - fromX), y - fromY - near * (toY - fromY));
    result[at] = Math.max(result[at]!, Math.min(1, Math.max(0, 1.9 - distance)));
  }
  return result;
}

/** The drawing moved so that its centre of mass lies in the middle, as MNIST's images are. */
export function centred(pixels: Float32Array): Float32Array {
  let mass = 0;
  let x = 0;
  let y = 0;
  pixels.forEach((value, at) => {
    mass += value;
    x += value * (at % side);
    y += value * Math.floor(at / side);
  });
  if (mass === 0) return pixels;
  const right = Math.round((side - 1) / 2 - x / mass);
  const down = Math.round((side - 1) / 2 - y / mass);
  return pixels.map((_, at) => {
    const column = (at % side) - right;
    const row = Math.floor(at / side) - down;
    return column >= 0 && column < side && row >= 0 && row < side ? pixels[row * side + column]! : 0;
  });
}
