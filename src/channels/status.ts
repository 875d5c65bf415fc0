// The order of a message's statuses. Callbacks come late, twice and in any order, so merging (db/queries/messages.ts, raiseStatuses) is a join: the
// same set of statuses gives the same result in every order. What the statuses are called on a wire belongs to each channel and API.

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

export const isMessageStatus = (value: string): value is MessageStatus =>
  (MESSAGE_STATUSES as readonly string[]).includes(value);
