// `npm run import -- FILE`: brings a flow of another product into a running one over its API, and prints what became of each part.
// Exits with 0 when the flow was imported (and published, where that was asked for), with 1 when not, with 2 when it was called wrongly.
import { readFileSync } from "node:fs";
import { importFlow } from "../domain/flow-import/import-flow.ts";
import type { Json } from "../lib/json.ts";
import { connectTo } from "./import/client.ts";
import { type ImportOptions, importOptions, USAGE } from "./import/options.ts";
import { writeReport } from "./import/report.ts";

/** What stands in an export, or in an answer, gives a terminal no orders. */
const visible = (text: string): string => text.replace(/[^\P{Cc}\n]/gu, "\ufffd");
const say = (text: string): void => console.log(visible(text));

const end = (line: string, code: number): never => {
  console.error(visible(line));
  process.exit(code);
};

const readOptions = (): ImportOptions => {
  try {
    const options = importOptions(process.argv.slice(2), process.env);
    if (options) return options;
  } catch (error) {
    return end(`${(error as Error).message}\n\n${USAGE}`, 2);
  }
  console.log(USAGE);
  process.exit(0);
};

const readSource = (file: string): Json => {
  try {
    return JSON.parse(readFileSync(file === "-" ? 0 : file, "utf8")) as Json;
  } catch (error) {
    return end(
      `${file}: ${error instanceof SyntaxError ? `is no JSON: ${error.message}` : (error as Error).message}`,
      1,
    );
  }
};

const tryOut = (source: Json, { file, keywords }: ImportOptions): void => {
  const made = importFlow(source, { keywords });
  if (!made.ok) end(made.error.map(({ field, message }) => `${field || file} ${message}`).join("\n"), 1);
  else say(`${writeReport(made.value.report)}\n\n"${made.value.name}" would have ${made.value.flowNodes.length} nodes`);
};

const bring = async (source: Json, options: ImportOptions): Promise<void> => {
  const product = await connectTo(options);
  const { id, name, report } = await product.bring(source, options);
  say(`${writeReport(report)}\n\n"${name}" is flow ${id}, a draft`);
  if (!options.publish) return;
  for (const warning of await product.publish(id)) say(`  ${warning}`);
  say(`Flow ${id} is published`);
};

const options = readOptions();
const source = readSource(options.file);
if (options.dryRun) tryOut(source, options);
else await bring(source, options).catch((error: Error) => end(error.message, 1));
