// Rows of a file become contacts: one read and one batch for many rows, folded in their order. Written again after a crash, the same rows make the
// same contacts and count the same: a contact's id follows from the row that made it, and consent counts from the time of the upload.

import { type Identity, valuesOf } from "../../db/queries/contacts.ts";
import { insertEvents } from "../../db/queries/events.ts";
import type { KnownContact } from "../../db/queries/uploads.ts";
import {
  insertUploaded,
  type Owner,
  replaceIdentities,
  type Suppression,
  selectKnown,
  selectLogged,
  selectOwners,
  selectSuppressions,
  setConsents,
  updateUploaded,
} from "../../db/queries/uploads.ts";
import { derivedId, numberedIds } from "../../lib/ids.ts";
import { jsonBytes, partsBySize } from "../../lib/parts-by-size.ts";
import { suppressionHash, suppressMoved } from "../contact/suppression.ts";
import { userCreated } from "../contact/user-created.ts";
import type { StreamEvent } from "../event.ts";
import type { Database } from "../ports.ts";
import type { ReadRow, UploadedRow } from "./columns.ts";
import { type Folded, Folding } from "./fold-rows.ts";
import type { RowProblem, UploadPlan } from "./upload.ts";

/** `row`: its number. */
export type NumberedRow = { row: number; read: ReadRow };

export type Written = {
  created: number;
  updated: number;
  errors: number;
  problems: RowProblem[];
  events: StreamEvent[];
};

/** Somebody else may change one of them meanwhile so often. */
const TRIES = 8;
/** Values of one statement, with room to D1's 2 MB. */
const STATEMENT_BYTES = 1_000_000;

/** Throws when the database does, or when others keep changing the same contacts: the same rows can be written again. */
export const writeRows = async (
  db: Database,
  plan: UploadPlan,
  rows: readonly NumberedRow[],
  now: number,
): Promise<Written> => {
  const good = rows.flatMap(({ row, read }) => ("row" in read ? [{ row, given: read.row }] : []));
  for (let tries = 0; tries < TRIES; tries++) {
    const folded = await fold(db, plan, good);
    if (await store(db, plan, folded, now)) return writtenOf(db, plan, rows, folded, now);
  }
  throw new Error("contacts of the file are being changed by others");
};

type Good = { row: number; given: UploadedRow };

const fold = async (db: Database, plan: UploadPlan, good: readonly Good[]): Promise<Folded> => {
  const { organizationId, uploadId, createdAt } = plan;
  const numbers = good.flatMap(({ given }) => valuesOf({ kind: "phone", value: given.phone }));
  const identities = good.flatMap(({ given }) => identitiesOf(given));
  const hashes = new Map<string, string>();
  for (const { given } of good) {
    if (given.consentState === undefined && !hashes.has(given.phone))
      hashes.set(given.phone, await suppressionHash(organizationId, { kind: "phone", value: given.phone }));
  }
  const [known, owners, suppressions] = await db.batch([
    selectKnown(db, organizationId, [...new Set(numbers)]),
    selectOwners(db, organizationId, identities),
    selectSuppressions(db, organizationId, [...hashes.values()]),
  ]);
  const folding = new Folding(plan, {
    known: known!.results as KnownContact[],
    owners: owners!.results as Owner[],
    suppressions: new Map((suppressions!.results as Suppression[]).map((one) => [one.hash, one])),
    hashOf: (phone) => hashes.get(phone),
  });
  const idOf = await numberedIds(createdAt, "upload", uploadId);
  for (const { row, given } of good) folding.add(row, given, idOf(row));
  return folding.folded;
};

const identitiesOf = ({ email, externalId }: UploadedRow): Identity[] => [
  ...(email == null ? [] : [{ kind: "email" as const, value: email.toLowerCase() }]),
  ...(externalId == null ? [] : [{ kind: "external_id" as const, value: externalId }]),
];

/** False when somebody was faster with any of them. */
const store = async (db: Database, plan: UploadPlan, folded: Folded, now: number): Promise<boolean> => {
  const { organizationId } = plan;
  const { made, changed, identities, consents, tags, lost, given } = folded;
  const by = { source: `upload:${plan.uploadId}`, actor: plan.actor, requestId: plan.requestId, at: plan.createdAt };
  const events = await Promise.all(tags.map((tag) => tagEvent(plan, tag, now)));
  const inserts = split(made).map((some) => insertUploaded(db, organizationId, some, now));
  const updates = split(changed).map((some) => updateUploaded(db, organizationId, some, now));
  const statements = [
    ...inserts.flat(),
    ...updates,
    ...(identities.length > 0 ? replaceIdentities(db, organizationId, identities) : []),
    ...(consents.length > 0 ? [setConsents(db, organizationId, consents, by)] : []),
    ...(await suppressMoved(db, organizationId, { lost, given, at: plan.createdAt })),
    ...split(events).map((some) =>
      insertEvents(
        db,
        some.map((event) => ({ ...event, receivedAt: now })),
      ),
    ),
  ];
  if (statements.length === 0) return true;
  const results = await db.batch(statements);
  const stored = results
    .slice(0, inserts.length * 2 + updates.length)
    .filter((_, index) => index >= inserts.length * 2 || index % 2 === 1)
    .reduce((sum, { results: ids }) => sum + ids.length, 0);
  return stored === made.length + changed.length;
};

const split = <T>(items: readonly T[]): T[][] => partsBySize(items, STATEMENT_BYTES, jsonBytes);

const tagEvent = async (
  { organizationId, uploadId, createdAt }: UploadPlan,
  { contactId, tag }: { contactId: string; tag: string },
  at: number,
): Promise<StreamEvent> => ({
  // The same when the rows are written again; another upload that adds the tag again is another event.
  id: await derivedId(createdAt, "upload.tag", uploadId, contactId, tag),
  organizationId,
  type: "TAG_ADDED",
  source: `upload:${uploadId}`,
  contactId,
  data: { tag, tag_name: tag },
  occurredAt: at,
  depth: 0,
});

const writtenOf = async (
  db: Database,
  plan: UploadPlan,
  rows: readonly NumberedRow[],
  folded: Folded,
  at: number,
): Promise<Written> => {
  const { organizationId, uploadId, createdAt } = plan;
  const unread = rows.flatMap(({ row, read }) =>
    "problems" in read ? read.problems.map(({ field, message }) => ({ row, field, message })) : [],
  );
  const problems = [...unread, ...folded.problems].sort((a, b) => a.row - b.row);
  const source = `upload:${uploadId}`;
  const idOf = await numberedIds(createdAt, "user.created", uploadId);
  const created = folded.created.map(({ row, id, phone }): StreamEvent => {
    const about = { organizationId, source, contactId: id, occurredAt: at, depth: 0 };
    return { ...userCreated(about, { kind: "phone", value: phone }), id: idOf(row) };
  });
  return {
    created: folded.created.length,
    updated: folded.updated,
    errors: new Set(problems.map(({ row }) => row)).size,
    problems,
    events: [...created, ...(await tagEvents(db, plan, folded, at))],
  };
};

/** Those that these rows put into the log, now or before a crash. */
const tagEvents = async (db: Database, plan: UploadPlan, { offered }: Folded, at: number): Promise<StreamEvent[]> => {
  if (offered.length === 0) return [];
  const events = await Promise.all(offered.map((tag) => tagEvent(plan, tag, at)));
  const ids = events.map(({ id }) => id);
  const { results } = await selectLogged(db, plan.organizationId, ids).all<{ id: string }>();
  const logged = new Set(results.map(({ id }) => id));
  return events.filter(({ id }, index) => logged.has(id) && ids.indexOf(id) === index);
};
