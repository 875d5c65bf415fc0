// The order of a message's statuses. Callbacks come late, twice and in any order, so merging is a join: the same set of statuses gives the
// same result in every order. What the statuses are called on a wire belongs to each channel and API.

/** PERSISTED CONTRACT. From lowest to highest: a failure beats `sent` and below, proof of delivery beats a failure. */
export const MESSAGE_STATUSES = [
  "scheduled",
  "accepted",
  "queued",
  "sending",
  "sent",
  "canceled",
  "failed",
  "undelivered",
  "delivered",
  "read",
] as const;

export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

const FAILURES: ReadonlySet<MessageStatus> = new Set(["canceled", "failed", "undelivered"]);
const PROOFS: ReadonlySet<MessageStatus> = new Set(["delivered", "read"]);

const RANK: Readonly<Record<MessageStatus, number>> = {
  scheduled: 0,
  accepted: 0,
  queued: 1,
  sending: 2,
  sent: 3,
  canceled: 3,
  failed: 3,
  undelivered: 3,
  delivered: 4,
  read: 5,
};

/** Progress from 0 (scheduled, accepted) to 5 (read). A failure ranks with `sent`: how far it came. */
export const rankOf = (status: MessageStatus): number => RANK[status];

export const isFailure = (status: MessageStatus): boolean => FAILURES.has(status);

/** True when nothing but proof of delivery (`delivered`, `read`) may still change it. */
export const isFinal = (status: MessageStatus): boolean => FAILURES.has(status) || PROOFS.has(status);

export const isMessageStatus = (value: string): value is MessageStatus =>
  (MESSAGE_STATUSES as readonly string[]).includes(value);

/** `conflict`: one says delivered and the other failed; delivered is shown, and the caller logs it. */
export type Merged = { status: MessageStatus; changed: boolean; conflict: boolean };

/** The status to show after `incoming`; `current` is undefined while nothing has been heard. */
export const mergeStatus = (current: MessageStatus | undefined, incoming: MessageStatus): Merged => {
  if (current === undefined) return { status: incoming, changed: true, conflict: false };
  const changed = MESSAGE_STATUSES.indexOf(incoming) > MESSAGE_STATUSES.indexOf(current);
  const conflict = (PROOFS.has(current) && FAILURES.has(incoming)) || (FAILURES.has(current) && PROOFS.has(incoming));
  return { status: changed ? incoming : current, changed, conflict };
};
