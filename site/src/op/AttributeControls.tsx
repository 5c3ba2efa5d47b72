import { useState } from "preact/hooks";
import { say } from "../frame/language.ts";

interface AttributeControlsProps {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly onChange: (name: string, value: unknown) => void;
}

/** A control for each attribute, of the kind that its value has in the example. */
export function AttributeControls({ attributes, onChange }: AttributeControlsProps) {
  const names = Object.keys(attributes);
  if (names.length === 0) return null;
  return (
    <fieldset class="attributes">
      <legend>{say("Attributes", "属性")}</legend>
      {names.map((name) => (
        <Control key={name} name={name} value={attributes[name]} set={(value) => onChange(name, value)} />
      ))}
    </fieldset>
  );
}

interface ControlProps {
  readonly name: string;
  readonly value: unknown;
  readonly set: (value: unknown) => void;
}

function Control({ name, value, set }: ControlProps) {
  if (typeof value === "number") {
    return (
      <span class="attribute">
        <code>{name}</code>
        <NumberField label={name} value={value} set={set} />
      </span>
    );
  }
  if (typeof value === "boolean") {
    return (
      <label>
        <input type="checkbox" checked={value} onChange={(event) => set(event.currentTarget.checked)} />
        <code>{name}</code>
      </label>
    );
  }
  if (Array.isArray(value) && value.every((part) => typeof part === "number")) {
    return (
      // biome-ignore lint/a11y/useSemanticElements: a fieldset within a fieldset would draw a frame for two numbers
      <span role="group" aria-label={name} class="attribute">
        <code>{name}</code>
        {value.map((part, index) => (
          <NumberField
            key={index}
            label={`${name} ${index + 1}`}
            value={part}
            set={(next) => set(value.map((old, at) => (at === index ? next : old)))}
          />
        ))}
      </span>
    );
  }
  return <TextControl name={name} value={value} set={set} />;
}

function NumberField({ label, value, set }: { label: string; value: number; set: (value: number) => void }) {
  return (
    <input
      type="number"
      aria-label={label}
      step={Number.isInteger(value) ? 1 : 0.05}
      value={value}
      onInput={(event) => {
        const next = event.currentTarget.valueAsNumber;
        if (!Number.isNaN(next)) set(next);
      }}
    />
  );
}

/** A text as it is; anything else as JSON. */
function TextControl({ name, value, set }: ControlProps) {
  const [typed, setTyped] = useState<string>();
  const isText = typeof value === "string";
  return (
    <label>
      <code>{name}</code>
      <input
        type="text"
        spellcheck={false}
        aria-invalid={typed !== undefined && read(typed, isText) === undefined}
        value={typed ?? (isText ? value : JSON.stringify(value))}
        onBlur={() => setTyped(undefined)}
        onInput={({ currentTarget: { value: text } }) => {
          setTyped(text);
          const next = read(text, isText);
          if (next !== undefined) set(next);
        }}
      />
    </label>
  );
}

function read(text: string, isText: boolean): unknown {
  if (isText) return text;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
