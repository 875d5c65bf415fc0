// What an importer makes a flow with.
import type { Draft } from "./draft.ts";
import type { Report } from "./report.ts";
import type { Words } from "./words.ts";

export type Making = { draft: Draft; words: Words; report: Report };
