/** Places for the names of points, so that none covers another. */

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly name: string;
}

export interface Label extends Point {
  /** Where its point is, if that is not beside it. */
  readonly far: { readonly x: number; readonly y: number } | undefined;
  readonly anchor: "start" | "middle" | "end";
}

export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const letter = 6.7;
const line = 13;
const radius = 7;

/**
 * A label beside each point: right, left, above or below, further away where all of these are taken. Labels stay
 * between `left` and `right` and off `others`.
 */
export function labelled(
  points: readonly Point[],
  [left, right]: readonly [number, number],
  others: readonly Area[] = [],
): Label[] {
  const taken: Area[] = points.map(({ x, y }) => ({
    left: x - radius,
    right: x + radius,
    top: y - radius,
    bottom: y + radius,
  }));
  taken.push(...others);
  return points.map((point) => {
    const tries = placesFor(point).map((label) => ({ label, area: areaOf(label) }));
    const inside = tries.filter(({ area }) => area.left >= left && area.right <= right && area.top >= 0);
    const best = inside.find(({ area }) => !taken.some((other) => overlap(area, other))) ?? inside[0] ?? tries[0]!;
    taken.push(best.area);
    return best.label;
  });
}

function placesFor({ x, y, name }: Point): Label[] {
  const label = (dx: number, dy: number, anchor: Label["anchor"]): Label => {
    const far = Math.abs(dx) > 10 ? { x, y } : undefined;
    return { x: x + dx, y: y + dy, name, anchor, far };
  };
  const near = [label(10, 4, "start"), label(-10, 4, "end"), label(0, -11, "middle"), label(0, 19, "middle")];
  const far = [line, -line, 2 * line, -2 * line, 3 * line, -3 * line].flatMap((dy) => [
    label(16, 4 + dy, "start"),
    label(-16, 4 + dy, "end"),
  ]);
  return [...near, ...far];
}

function areaOf({ x, y, name, anchor }: Label): Area {
  const length = letter * name.length;
  const left = anchor === "start" ? x : anchor === "end" ? x - length : x - length / 2;
  return { left, right: left + length, top: y - 10, bottom: y + 3 };
}

function overlap(a: Area, b: Area): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
