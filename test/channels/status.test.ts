// MESSAGING "Status order": a join, so that late, repeated and shuffled callbacks end in the same status.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isFailure,
  isFinal,
  MESSAGE_STATUSES,
  type MessageStatus,
  mergeStatus,
  rankOf,
} from "../../src/channels/status.ts";

const status = fc.constantFrom(...MESSAGE_STATUSES);
const merge = (current: MessageStatus | undefined, incoming: MessageStatus) => mergeStatus(current, incoming).status;
const fold = (statuses: readonly MessageStatus[]) => statuses.reduce<MessageStatus | undefined>(merge, undefined);

describe("the order of statuses", () => {
  it("ranks accepted and scheduled 0, queued 1, sending 2, sent 3, delivered 4, read 5", () => {
    const ladder = ["accepted", "scheduled", "queued", "sending", "sent", "delivered", "read"] as const;
    expect(ladder.map(rankOf)).toEqual([0, 0, 1, 2, 3, 4, 5]);
  });

  it.each([
    [undefined, "queued", "queued"],
    ["queued", "accepted", "queued"],
    ["scheduled", "accepted", "accepted"],
    ["accepted", "scheduled", "accepted"],
    ["sent", "queued", "sent"],
    ["sent", "sending", "sent"],
    ["sent", "delivered", "delivered"],
    ["read", "delivered", "read"],
    ["delivered", "read", "read"],
    ["queued", "failed", "failed"],
    ["sent", "undelivered", "undelivered"],
    ["scheduled", "canceled", "canceled"],
    ["failed", "sent", "failed"],
    ["undelivered", "queued", "undelivered"],
    ["canceled", "sending", "canceled"],
  ] as const)("%s then %s shows %s", (current, incoming, shown) => {
    expect(mergeStatus(current, incoming)).toEqual({ status: shown, changed: shown !== current, conflict: false });
  });

  it.each([
    ["delivered", "failed", "delivered"],
    ["read", "undelivered", "read"],
    ["failed", "delivered", "delivered"],
    ["undelivered", "read", "read"],
    ["delivered", "canceled", "delivered"],
  ] as const)("%s and %s are a conflict that %s wins", (current, incoming, shown) => {
    expect(mergeStatus(current, incoming)).toEqual({ status: shown, changed: shown !== current, conflict: true });
  });

  it("tells failures and final ones", () => {
    expect(MESSAGE_STATUSES.filter(isFailure)).toEqual(["canceled", "failed", "undelivered"]);
    expect(MESSAGE_STATUSES.filter(isFinal)).toEqual(["canceled", "failed", "undelivered", "delivered", "read"]);
  });

  it("comes out the same in every order, however often a status is repeated", () => {
    fc.assert(
      fc.property(
        fc
          .array(status, { minLength: 1, maxLength: 8 })
          .chain((all) =>
            fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
          ),
        ([all, shuffled]) => {
          expect(fold(shuffled)).toBe(fold(all));
        },
      ),
    );
  });

  it("never loses rank", () => {
    fc.assert(
      fc.property(status, status, (current, incoming) => {
        expect(rankOf(merge(current, incoming))).toBeGreaterThanOrEqual(rankOf(current));
      }),
    );
  });
});
