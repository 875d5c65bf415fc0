// A writing request that comes with a key is carried out once, and its answer is given again to whoever asks the same with the same key, for a day.
// The claim comes before the deed and the answer after it; a request that died in between is known by the audit row, which every change commits with.
import {
  claimRequest,
  endRequest,
  findDeed,
  type IdempotentRow,
  keepAnswer,
  releaseRequest,
  takeOverRequest,
} from "../../db/queries/idempotent-requests.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { sha256Hex } from "../../lib/hmac.ts";
import { actorOf } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import { keyReused } from "./same-request.ts";

/** `body`: its text, as it was sent to whoever asked first. */
export type KeptAnswer = { status: number; body: string };

/** `isAgain`: nothing was done, it is the answer of the first time. */
export type Answered = { answer: KeptAnswer; isAgain: boolean };

/** No request takes so long, in ms: whoever has not answered by then has died. */
const LONGEST_MS = 120_000;
/** Beyond it an answer is not kept: a row's text has an end. */
const MAX_ANSWER_CHARS = 700_000;

const secretField = (key: string): string => `idempotent_requests.answer:${key}`;

/** `asked`: what makes two requests the same. Throws `impossible` for another request with the key, `conflict` while the first one is carried out. */
export const once = async (
  context: Context,
  { key: given, asked }: { key: string; asked: string },
  deed: () => Promise<KeptAnswer>,
): Promise<Answered> => {
  const { principal, ports, requestId } = context;
  const { db, secrets } = ports;
  const { organizationId } = principal;
  const [key, fingerprint] = await Promise.all([sha256Hex(`${actorOf(principal)}\n${given}`), sha256Hex(asked)]);
  const at = ports.now();
  const claimed = await db.batch<IdempotentRow>(
    claimRequest(db, { organizationId, key, fingerprint, requestId, at }, at - DAY_MS),
  );
  const row = claimed[1]!.results[0]!;
  if (row.requestId !== requestId) {
    const answer = await answerOf(context, key, row, fingerprint);
    if (answer) return { answer, isAgain: true };
  }
  let answer: KeptAnswer;
  try {
    answer = await deed();
  } catch (error) {
    // What was refused has changed nothing. What broke may have: its row says so until the audit log has been asked.
    if (error instanceof DomainError && error.code !== "internal" && error.code !== "unavailable")
      await releaseRequest(db, { organizationId, key, requestId }).run();
    else
      await endRequest(db, { organizationId, key, requestId, byMs: LONGEST_MS })
        .run()
        .catch(() => undefined);
    throw error;
  }
  const isKept = answer.body.length <= MAX_ANSWER_CHARS;
  const sealed = isKept ? await secrets.encrypt(organizationId, secretField(key), answer.body) : null;
  await keepAnswer(db, { organizationId, key, requestId, status: answer.status, sealed }).run();
  return { answer, isAgain: false };
};

/** What the first request was answered; undefined when it died before it did anything, and is ours now. */
const answerOf = async (
  context: Context,
  key: string,
  row: IdempotentRow,
  fingerprint: string,
): Promise<KeptAnswer | undefined> => {
  const { principal, ports, requestId } = context;
  const { organizationId } = principal;
  if (row.fingerprint !== fingerprint) throw keyReused();
  if (row.answerSealed !== null && row.status !== null) {
    return {
      status: row.status,
      body: await ports.secrets.decrypt(organizationId, secretField(key), row.answerSealed),
    };
  }
  if (row.status !== null) throw done("Its answer was too large to be kept");
  const at = ports.now();
  if (row.at > at - LONGEST_MS)
    throw new DomainError("conflict", "A request with this Idempotency-Key is being carried out", {
      retryAfterSeconds: 1,
    });
  const deed = await findDeed(ports.db, organizationId, { ...row, withinMs: 2 * LONGEST_MS });
  if (deed)
    throw done(`It did its work (${[deed.action, deed.targetId].filter(Boolean).join(" ")}), and its answer was lost`);
  const taken = await takeOverRequest(ports.db, { organizationId, key, before: row.requestId, requestId, at }).run();
  if (taken.meta.changes === 0)
    throw new DomainError("conflict", "A request with this Idempotency-Key is being carried out", {
      retryAfterSeconds: 1,
    });
  return undefined;
};

const done = (why: string): DomainError =>
  new DomainError("conflict", `The request with this Idempotency-Key was carried out. ${why}`);
