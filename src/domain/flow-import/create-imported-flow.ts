// A flow of ours from another product's export: a draft, with the report of what became of each part.
import type { Json, JsonObject } from "../../lib/json.ts";
import type { Context } from "../context.ts";
import { DomainError, type FieldProblem } from "../errors.ts";
import { createFlow } from "../flow/create-flow.ts";
import { type Flow, readFlow } from "../flow/flow.ts";
import type { FlowRecord } from "../flow/record.ts";
import { importFlow } from "./import-flow.ts";
import { usableKeywords } from "./keywords.ts";
import type { ImportReport } from "./report.ts";

/** `at`: where the export stands in what was sent, for the paths of what is wrong; empty for all of it. */
export type ImportOrder = {
  source: Json;
  at: string;
  name?: string | undefined;
  keywords?: readonly string[] | undefined;
};

export type CreatedImport = { flow: FlowRecord; origin: "studio" | "typebot"; report: ImportReport };

const MOST_PROBLEMS = 100;

const refuse = (problems: readonly FieldProblem[]): never => {
  const { field, message } = problems[0]!;
  throw new DomainError("invalid_input", `${field}: ${message}`, { problems: [...problems] });
};

/** Texts that no channel carries and no row keeps. The source nests as deep as its parser lets it. */
const brokenTextIn = (value: Json, path: string): FieldProblem[] => {
  if (typeof value === "string")
    return value.includes("\0") || !value.isWellFormed()
      ? [{ field: path, message: "must not hold a NUL or half a character", code: "invalid_text" }]
      : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => brokenTextIn(inner, path === "" ? key : `${path}.${key}`));
};

/** Takes the role editor. Throws `invalid_input` with the path of what is wrong in what was sent. */
export const createImportedFlow = async (context: Context, order: ImportOrder): Promise<CreatedImport> => {
  const { source, at, name, keywords = [] } = order;
  const pathOf = (field: string): string => [at, field].filter((part) => part !== "").join(".") || "body";
  keywords.forEach((keyword, index) => {
    if (usableKeywords([keyword]).length === 0)
      refuse([{ field: `keywords.${index}`, message: "must be a word or a few that neither opt in nor out" }]);
  });
  const made = importFlow(source, { keywords });
  if (!made.ok) return refuse(made.error.map((problem) => ({ ...problem, field: pathOf(problem.field) })));
  const broken = brokenTextIn(source, at).slice(0, MOST_PROBLEMS);
  if (broken.length > 0) refuse(broken);
  const { origin, report, ...flow } = made.value;
  const content = { ...flow, ...(name !== undefined && { name }) };
  return { flow: await createFlow(context, contentOf(content)), origin, report };
};

const contentOf = (made: JsonObject): Flow => {
  const read = readFlow(made);
  return read.ok ? read.value : refuse(read.error);
};
