// Keeps queue messages that were given up where people see them and can replay them: a statement each, in one batch.
import { insertDeadLetter } from "../../db/queries/dead-letters.ts";
import { type Json, own } from "../../lib/json.ts";
import type { Database } from "../ports.ts";

/** `id` is the queue's own, for messages too broken to name what they are about. */
export type Letter = { id: string; body: unknown; error: string; attempts: number };

const MAX_ERROR = 2_000;

const textOf = (body: Json, ...keys: string[]): string | undefined =>
  keys.map((key) => own(body, key)).find((value) => typeof value === "string") as string | undefined;

/** The id of a letter follows from what it is about, so that one trouble is one letter. */
export const storeDeadLetters = async (
  db: Database,
  queue: string,
  letters: readonly Letter[],
  now: number,
): Promise<void> => {
  if (letters.length === 0) return;
  const rows = letters.map(({ id, body, error, attempts }) => {
    const json = body as Json;
    const subjectId = textOf(json, "executionId", "id") ?? null;
    return {
      organizationId: textOf(json, "organizationId") ?? "",
      id: `${queue}-${subjectId ?? id}`,
      queue,
      subjectId,
      body: json,
      error: error.slice(0, MAX_ERROR),
      attempts,
      createdAt: now,
    };
  });
  // Two letters about the same in one call: the later stands.
  const unique = new Map(rows.map((row) => [`${row.organizationId}/${row.id}`, row]));
  await db.batch([...unique.values()].map((row) => insertDeadLetter(db, row)));
};
