import { useRef, useState } from "preact/hooks";
import type { Shape } from "quarkgrad";
import { named, parsed, shown, sizeOf } from "./values.ts";

interface ValueGridProps {
  /** What the tensor is called: `x`. */
  readonly symbol: string;
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
  /** A second number of each element, shown small below it. */
  readonly below?: ArrayLike<number>;
  /** What the second number is, for the text that a screen reader says. */
  readonly belowMeans?: string;
  readonly pinned?: number | undefined;
  /** Elements that belong to the one pointed at. */
  readonly marked?: readonly number[] | undefined;
  readonly onPoint?: (index: number | undefined) => void;
  readonly onPin?: (index: number) => void;
  /** Makes the numbers editable. */
  readonly onChange?: (index: number, value: number) => void;
  readonly whole?: boolean;
}

/** A tensor as tables of its last two axes; arrow keys lead from cell to cell. */
export function ValueGrid(props: ValueGridProps) {
  const { symbol, shape, data } = props;
  const [columns = 1, rows = 1] = [...shape].reverse();
  const planes = columns * rows > 0 ? sizeOf(shape) / (columns * rows) : 0;
  const [current, setCurrent] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const scale = Math.max(1e-9, ...Array.from(data, (value) => (Number.isFinite(value) ? Math.abs(value) : 0)));
  const move = (index: number, event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
    const to = index + (steps[event.key] ?? 0);
    if (to === index || to < 0 || to >= data.length) return;
    event.preventDefault();
    setCurrent(to);
    box.current?.querySelector<HTMLElement>(`[data-index="${to}"]`)?.focus();
  };
  if (planes === 0) return <p class="soft">{symbol} = [ ]</p>;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing with the mouse repeats what focus does
    <div class="planes" ref={box} onMouseLeave={() => props.onPoint?.(undefined)}>
      {Array.from({ length: planes }, (_, plane) => (
        <figure class="plane" key={plane}>
          {planes > 1 && <figcaption>{planeName(symbol, shape, plane * rows * columns)}</figcaption>}
          <table class="grid" aria-label={planes > 1 ? planeName(symbol, shape, plane * rows * columns) : symbol}>
            <tbody>
              {Array.from({ length: rows }, (_, row) => (
                <tr key={row}>
                  {Array.from({ length: columns }, (_, column) => {
                    const index = (plane * rows + row) * columns + column;
                    return (
                      <Cell
                        key={column}
                        {...props}
                        index={index}
                        value={data[index]!}
                        weight={Math.min(1, Math.abs(data[index]!) / scale)}
                        stop={index === Math.min(current, data.length - 1)}
                        onFocus={() => setCurrent(index)}
                        onMove={(event) => move(index, event)}
                      />
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </figure>
      ))}
    </div>
  );
}

interface CellProps extends ValueGridProps {
  readonly index: number;
  readonly value: number;
  /** How strong its colour is. */
  readonly weight: number;
  /** Whether the tab key stops at it: at one cell of a grid. */
  readonly stop: boolean;
  readonly onFocus: () => void;
  readonly onMove: (event: KeyboardEvent) => void;
}

function Cell(props: CellProps) {
  const { symbol, shape, index, value, below, belowMeans, weight, marked, pinned, onPoint, onPin, onChange } = props;
  const name = named(symbol, shape, index);
  const kind = [
    value < 0 || Object.is(value, -0) ? "minus" : "plus",
    marked?.includes(index) && "read",
    pinned === index && "pinned",
  ];
  const common = {
    "data-index": index,
    tabIndex: props.stop ? 0 : -1,
    onFocus: () => {
      props.onFocus();
      onPoint?.(index);
    },
    onKeyDown: props.onMove,
  };
  return (
    <td
      class={kind.filter(Boolean).join(" ")}
      style={{ "--weight": Number.isFinite(weight) ? weight : 1 }}
      onMouseEnter={() => onPoint?.(index)}
    >
      {onChange ? (
        <Editable
          {...common}
          name={name}
          value={value}
          whole={props.whole ?? false}
          set={(next) => onChange(index, next)}
          onPin={() => onPin?.(index)}
        />
      ) : (
        <button
          type="button"
          {...common}
          aria-pressed={pinned === index}
          data-value={value}
          onClick={() => onPin?.(index)}
        >
          <span class="hidden">{name} = </span>
          {shown(value)}
          {below && (
            <small>
              <span class="hidden">, {belowMeans} </span>
              {shown(below[index]!)}
            </small>
          )}
        </button>
      )}
    </td>
  );
}

interface EditableProps {
  readonly "data-index": number;
  readonly tabIndex: number;
  readonly name: string;
  readonly value: number;
  readonly whole: boolean;
  readonly set: (value: number) => void;
  readonly onPin: () => void;
  readonly onFocus: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** A number that is typed, or dragged up and down with the mouse. */
function Editable({ name, value, whole, set, onPin, onFocus, onKeyDown, ...rest }: EditableProps) {
  const [typed, setTyped] = useState<string>();
  const drag = useRef<{ readonly y: number; readonly from: number; moved: boolean } | undefined>(undefined);
  const step = whole ? 1 : 0.25;
  return (
    <input
      {...rest}
      type="text"
      inputMode="decimal"
      autoComplete="off"
      spellcheck={false}
      aria-label={name}
      aria-invalid={typed !== undefined && parsed(typed) === undefined}
      value={typed ?? shown(value)}
      onFocus={(event) => {
        event.currentTarget.select();
        onFocus();
      }}
      onBlur={() => setTyped(undefined)}
      onClick={onPin}
      onInput={({ currentTarget: { value: text } }) => {
        setTyped(text);
        const next = parsed(text);
        if (next !== undefined) set(whole ? Math.round(next) : next);
      }}
      onKeyDown={(event) => {
        const by = { PageUp: step, PageDown: -step }[event.key];
        if (by !== undefined) {
          event.preventDefault();
          setTyped(undefined);
          set(value + by);
        } else onKeyDown(event);
      }}
      onPointerDown={(event) => {
        if (event.pointerType !== "mouse" || event.button !== 0) return;
        drag.current = { y: event.clientY, from: value, moved: false };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        const start = drag.current;
        if (!start) return;
        const steps = Math.round((start.y - event.clientY) / 6);
        if (steps === 0 && !start.moved) return;
        start.moved = true;
        setTyped(undefined);
        set(start.from + steps * step);
      }}
      onPointerUp={() => (drag.current = undefined)}
      onPointerCancel={() => (drag.current = undefined)}
    />
  );
}

/** `x[0,1]` for the plane that begins with this element. */
function planeName(symbol: string, shape: Shape, index: number): string {
  return named(symbol, shape, index).replace(/,\d+,\d+\]$/, "]");
}
