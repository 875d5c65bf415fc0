// What an importer makes a flow with.
import type { Draft } from "./draft.ts";
import type { Report } from "./report.ts";
import type { Words } from "./words.ts";

/** Words that start the flow: what was asked for, and what does when nothing else says so. */
export type StartWords = { asked: readonly string[]; usual: readonly string[] };

export type Making = { draft: Draft; words: Words; report: Report };
