import type { Shape, study } from "quarkgrad";
import { say } from "../frame/language.ts";
import { linkTo } from "../frame/route.ts";
import { shown } from "../op/values.ts";
import { Pixels } from "../work/Pixels.tsx";
import { activations, type Edits, isActivation } from "./edits.ts";

/** What one particle gives for the digit. */
export interface Layer {
  readonly node: study.GraphNode;
  readonly shape: Shape;
  readonly data: Float32Array;
}

interface LayersProps {
  readonly layers: readonly Layer[];
  readonly edits: Edits;
  readonly onEdit: (edits: Edits) => void;
  readonly onFilter: (node: string, index: number) => void;
}

export function Layers({ layers, edits, onEdit, onFilter }: LayersProps) {
  const removed = Object.keys(edits.swapped).filter((id) => edits.swapped[id] === "");
  return (
    <ol class="layers">
      {layers.map(({ node, shape, data }) => (
        <li key={node.id}>
          <div class="row">
            <h3>
              <a href={linkTo(`op/${node.particle.name}`)}>{node.id}</a> <small>{node.module}</small>
            </h3>
            <small class="soft">
              [{shape.join(", ")}] · {say("from", "从")} {shown(Math.min(...data), 3)} {say("to", "到")}{" "}
              {shown(Math.max(...data), 3)}
            </small>
            {isActivation(node) && <Swap id={node.id} edits={edits} onEdit={onEdit} />}
          </div>
          <Maps layer={{ node, shape, data }} off={edits.off} onFilter={onFilter} />
        </li>
      ))}
      {removed.map((id) => (
        <li key={id}>
          <div class="row">
            <h3>{id}</h3> <Swap id={id} edits={edits} onEdit={onEdit} />
          </div>
        </li>
      ))}
    </ol>
  );
}

interface SwapProps {
  readonly id: string;
  readonly edits: Edits;
  readonly onEdit: (edits: Edits) => void;
}

/** What stands in the place of an activation. */
function Swap({ id, edits, onEdit }: SwapProps) {
  // A node that took another's place has an id of its own; the edit is kept under the old one.
  const original = Object.keys(edits.swapped).find(
    (key) =>
      edits.swapped[key] !== "" && key.split("#")[0] !== id.split("#")[0] && edits.swapped[key] === id.split("#")[0],
  );
  const key = id in edits.swapped ? id : (original ?? id);
  const own = key.split("#")[0]!;
  const value = edits.swapped[key] ?? own;
  return (
    <label>
      {say("here stands", "此处为")}{" "}
      <select
        value={value}
        onChange={({ currentTarget: { value: next } }) => {
          const { [key]: _, ...others } = edits.swapped;
          onEdit({ ...edits, swapped: next === own ? others : { ...others, [key]: next } });
        }}
      >
        {activations.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
        <option value="">{say("nothing", "无")}</option>
      </select>
    </label>
  );
}

interface MapsProps {
  readonly layer: Layer;
  readonly off: readonly string[];
  readonly onFilter: (node: string, index: number) => void;
}

function Maps({ layer: { node, shape, data }, off, onFilter }: MapsProps) {
  if (shape.length !== 3) {
    return (
      <div class="planes">
        <Pixels
          data={data}
          rows={1}
          columns={data.length}
          scale={data.length > 20 ? 5 : 24}
          colors="signed"
          label={`${node.id}: ${data.length} ${say("numbers", "个数")}`}
        />
      </div>
    );
  }
  const [count, rows, columns] = shape as [number, number, number];
  const maps = Array.from({ length: count }, (_, index) =>
    data.subarray(index * rows * columns, (index + 1) * rows * columns),
  );
  const scale = rows >= 20 ? 2 : rows >= 10 ? 3 : 5;
  if (node.particle.kernels?.kind !== "filter") {
    return (
      <div class="maps" role="img" aria-label={`${node.id}: ${count} ${say("maps", "张图")}`}>
        {maps.map((map, index) => (
          <Pixels key={index} data={map} rows={rows} columns={columns} scale={scale} colors="signed" />
        ))}
      </div>
    );
  }
  return (
    <div class="maps">
      {maps.map((map, index) => {
        const name = `${node.id}/${index}`;
        const isOff = off.includes(name);
        return (
          <button
            type="button"
            key={index}
            class={isOff ? "map off" : "map"}
            onClick={() => onFilter(node.id, index)}
            data-filter={name}
          >
            <Pixels data={map} rows={rows} columns={columns} scale={scale} colors="signed" />
            <span class="hidden">
              {node.id} {say("filter", "滤波器")}{" "}
            </span>
            {index}
            {isOff && <span> {say("off", "关")}</span>}
          </button>
        );
      })}
    </div>
  );
}
