// An import that must succeed, with what tests ask of it.

import { runInNewContext } from "node:vm";
import type { ImportedNode } from "../../../src/domain/flow-import/document.ts";
import { type ImportedFlow, importFlow } from "../../../src/domain/flow-import/import-flow.ts";
import type { Outcome, ReportEntry } from "../../../src/domain/flow-import/report.ts";
import type { Json, JsonObject } from "../../../src/lib/json.ts";
import { Conversation, type Outside } from "../flow/conversation.ts";

export const imported = (source: Json, keywords?: string[]): ImportedFlow => {
  const made = importFlow(source, keywords && { keywords });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.value;
};

/** The document as a client would send it to create the flow. */
export const documentOf = ({ name, flowNodes, flowEdges, transform }: ImportedFlow): JsonObject =>
  structuredClone({ name, flowNodes, flowEdges, transform }) as unknown as JsonObject;

export const nodeOf = <Type extends ImportedNode["type"]>(flow: ImportedFlow, type: Type, at = 0) => {
  const found = flow.flowNodes.filter((node) => node.type === type)[at];
  if (!found) throw new Error(`no ${type} ${at} among ${flow.flowNodes.map((node) => node.id)}`);
  return found as Extract<ImportedNode, { type: Type }>;
};

/** What is told of the part at `path` and below it, as `outcome: reason`. */
export const toldOf = ({ report }: ImportedFlow, path: string): string[] =>
  (Object.entries(report) as [Outcome, ReportEntry[]][]).flatMap(([outcome, entries]) =>
    entries
      .filter((entry) => entry.path === path || entry.path.startsWith(`${path}.`))
      .map(({ reason }) => (reason ? `${outcome}: ${reason}` : outcome)),
  );

/** Runs snippets as the sandbox does; that it is one is its own tests' business. */
export const sandbox: Outside = (_action, { code, context }) => ({
  outcome: "ok",
  output: { result: runInNewContext(`let result; ${code}; result`, { context }) },
});

/** What a person hears who starts the bot and says `answers`. */
export const talked = (source: JsonObject, ...answers: string[]): string[] => {
  const talk = new Conversation(documentOf(imported(source)), "bicycles", {}, sandbox);
  for (const answer of answers) talk.say(answer);
  return talk.transcript.slice(1);
};

/** A flow of another product with a conversation: what a person says (`+5000` lets so many ms pass), and all that both sides say. */
export type Sample = { source: JsonObject; says: string[]; hears: string[] };
