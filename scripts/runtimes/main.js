/** For runtimes with a command line: prints the bits as one line of JSON. */
import { bitsOf } from "./bits.js";

console.log(JSON.stringify(await bitsOf(new URL("../../dist/index.js", import.meta.url).href)));
