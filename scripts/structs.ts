/** Where the fields of the kernels' structs lie, as the compiler laid them out. */
import type { Transform } from "assemblyscript/asc";

export interface LaidOut {
  /** `Plan`, and the file that explains its fields. */
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  readonly offsets: Readonly<Record<string, number>>;
}

/** The part of the compiler's program that is read here. */
interface Program {
  readonly instancesByName: ReadonlyMap<string, Instance>;
}
interface Instance {
  readonly name: string;
  readonly nextMemoryOffset?: number;
  readonly members: ReadonlyMap<string, Member> | null;
}
interface Member {
  readonly name: string;
  readonly isField?: boolean;
  readonly instance?: { readonly memoryOffset: number; readonly type: { readonly byteSize: number } } | null;
}

/** Handed to the compiler, it collects the classes with fields under `assembly/`. */
export class Structs {
  readonly found: LaidOut[] = [];
  #program: Program | undefined;

  afterInitialize(program: unknown): void {
    this.#program = program as Program;
  }

  afterCompile(): void {
    for (const [path, { name, nextMemoryOffset: bytes, members }] of this.#program!.instancesByName) {
      if (!path.startsWith("assembly/") || bytes === undefined || !members) continue;
      const file = `${path.slice(0, path.lastIndexOf("/"))}.ts`;
      const offsets: Record<string, number> = {};
      for (const { name: field, isField, instance } of members.values()) {
        if (!isField || !instance) continue;
        if (instance.type.byteSize !== 4) {
          throw new Error(
            `buildKernels: ${name}.${field} in ${file} has ${instance.type.byteSize} bytes; a struct has words`,
          );
        }
        offsets[field] = instance.memoryOffset;
      }
      if (bytes > 0) this.found.push({ name, file, bytes, offsets });
    }
  }

  /** The compiler adds the other members of a transform itself. */
  get transform(): Transform {
    return this as unknown as Transform;
  }
}
