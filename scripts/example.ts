/** `npm run example NAME`: runs one of the programs in `examples/`; without a name it lists them. */
import { existsSync, readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";

const names = readdirSync("examples").filter((name) => existsSync(`examples/${name}/main.ts`));
const [name, ...rest] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  console.error(
    `${name === undefined ? "" : `There is no example ${name}. `}npm run example -- NAME, one of: ${names.join(", ")}`,
  );
  process.exitCode = name === undefined ? 0 : 1;
} else {
  process.argv = [process.argv[0]!, `examples/${name}/main.ts`, ...rest];
  await import(pathToFileURL(`examples/${name}/main.ts`).href);
}
