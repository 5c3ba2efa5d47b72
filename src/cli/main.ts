/** The command line: `quarkgrad <command>`. Each command is a file of its own; this one only lists them. */
import { Command, CommanderError } from "commander";
import { DataError, QuarkError, version } from "../index.ts";
import { ablateCommand } from "./ablate.ts";
import { attributeCommand } from "./attribute.ts";
import { decomposeCommand } from "./decompose.ts";
import { evaluateCommand } from "./evaluate.ts";
import { explainCommand } from "./explain.ts";
import { predictCommand } from "./predict.ts";
import { pruneCommand } from "./prune.ts";
import { reportCommand } from "./report.ts";
import { summaryCommand } from "./summary.ts";
import { trainCommand } from "./train.ts";
import { UsageError } from "./usage.ts";

const program = new Command("quarkgrad")
  .version(version)
  .description("Trains, measures and takes apart neural networks in WebAssembly.")
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "quarkgrad: ")) })
  .exitOverride();

for (const command of [
  trainCommand(),
  evaluateCommand(),
  predictCommand(),
  explainCommand(),
  decomposeCommand(),
  summaryCommand(),
  ablateCommand(),
  pruneCommand(),
  attributeCommand(),
  reportCommand(),
])
  program.addCommand(command.copyInheritedSettings(program));

// Whoever reads the output may have seen enough: `quarkgrad decompose | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof UsageError || error instanceof DataError) fail(error.message, 2);
  else if (error instanceof QuarkError) fail(`${error.name}: ${error.message}`, 1);
  else throw error;
}

function fail(message: string, code: number): void {
  process.stderr.write(`quarkgrad: ${message}\n`);
  process.exitCode = code;
}
