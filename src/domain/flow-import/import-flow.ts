// Bring your own flow: makes a flow of another product's export and tells what became of each of its parts. Pure; never throws, whatever it is given.

import { isJsonObject, type Json, type JsonObject, own } from "../../lib/json.ts";
import { isDeeperThan } from "../../lib/json-depth.ts";
import { toLine } from "../../lib/plain-text.ts";
import { err, ok, type Result } from "../../lib/result.ts";
import type { FieldProblem } from "../errors.ts";
import { readFlow } from "../flow/flow.ts";
import { MAX_NAME } from "../flow/limits.ts";
import type { ImportedDocument } from "./document.ts";
import { startDraft } from "./draft.ts";
import { emptyFirst } from "./empty-first.ts";
import { keywordsOf, usableKeywords } from "./keywords.ts";
import { MAX_CHARS, MAX_DEPTH, MAX_VALUES } from "./limits.ts";
import { textAt } from "./reading.ts";
import { type ImportReport, type Missing, startReport } from "./report.ts";
import { checkStudio } from "./studio/check-studio.ts";
import { importStudio } from "./studio/import-studio.ts";
import { checkTypebot } from "./typebot/check-typebot.ts";
import { importTypebot } from "./typebot/import-typebot.ts";
import { isTypebot } from "./typebot/typebot.ts";
import { startWords } from "./words.ts";

export type ImportedFlow = ImportedDocument & { name: string; origin: "studio" | "typebot"; report: ImportReport };

/** What follows a question that nothing follows in the source. */
const CLOSING = "Thank you!";

/** Whether the document's values and texts are few enough to be worked on; stops counting when they are not. */
const isSmall = (document: Json): boolean => {
  let [values, chars] = [0, 0];
  const open: Json[] = [document];
  while (open.length) {
    const value = open.pop()!;
    if (typeof value === "string") chars += value.length;
    if (++values > MAX_VALUES || chars > MAX_CHARS) return false;
    if (typeof value !== "object" || value === null) continue;
    for (const key of Object.keys(value)) {
      chars += Array.isArray(value) ? 0 : key.length;
      open.push(own(value, key) as Json);
    }
  }
  return true;
};

/** Studio's definition: the document itself, or below `definition` as its API answers; `path` leads to it. */
const studioIn = (source: JsonObject): { definition: JsonObject; path: string } | undefined => {
  const inside = own(source, "definition");
  if (isJsonObject(inside) && Array.isArray(own(inside, "states"))) return { definition: inside, path: "definition." };
  return Array.isArray(own(source, "states")) ? { definition: source, path: "" } : undefined;
};

const refuse = (field: string, message: string): { ok: false; error: FieldProblem[] } => err([{ field, message }]);

/**
 * The flow that a Twilio Studio definition or a Typebot export (v3 to v6) makes, with the report of what became of each part.
 * `keywords` start it; without them its name does. Problems name the path in `source`.
 */
export const importFlow = (
  source: Json,
  { keywords = [] }: { keywords?: readonly string[] } = {},
): Result<ImportedFlow, FieldProblem[]> => {
  if (!isJsonObject(source))
    return refuse("", "must be an object: a Twilio Studio flow definition or a Typebot export");
  if (isDeeperThan(source, MAX_DEPTH)) return refuse("", `nests deeper than ${MAX_DEPTH} levels`);
  if (!isSmall(source)) return refuse("", `is larger than ${MAX_VALUES} values or ${MAX_CHARS} characters`);

  const studio = studioIn(source);
  if (!studio && !isTypebot(source))
    return refuse("", "is neither a Twilio Studio flow definition (states) nor a Typebot export (groups with blocks)");
  const problem = studio ? checkStudio(studio.definition, studio.path) : checkTypebot(source);
  if (problem) return err([problem]);

  const making = { draft: startDraft(), words: startWords(), report: startReport() };
  making.words.field("contact.phone", "phone");
  making.words.field("contact.name", "name");
  const title = studio
    ? textAt(source, "friendly_name") || textAt(studio.definition, "description")
    : textAt(source, "name");
  const name = toLine(toLine(title).slice(0, MAX_NAME)) || "Imported flow";
  const start = { asked: usableKeywords(keywords), usual: keywordsOf(title) };

  const place = studio
    ? importStudio(studio.definition, studio.path, start, making)
    : importTypebot(source, start, making);
  making.draft.close(place, CLOSING);
  const { document: drawn, lost, orphans } = making.draft.finish(place);
  const document = emptyFirst(drawn, making.words.own());
  // What a flow may be, it alone says: a source within our limits may still make a flow beyond its.
  const judged = readFlow({ name, ...document });
  if (!judged.ok) return refuse("", `makes no flow: ${judged.error[0]!.field} ${judged.error[0]!.message}`);
  const missing = new Map<string, Missing>();
  for (const id of lost)
    missing.set(id, { outcome: "unsupported", reason: "the way that leads here could not come over: left out" });
  for (const id of orphans)
    missing.set(id, { outcome: "approximated", reason: "nothing leads here in the source either: left out" });
  return ok({ name, origin: studio ? "studio" : "typebot", ...document, report: making.report.finish(missing) });
};
