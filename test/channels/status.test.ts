// MESSAGING "Status order". That they are raised along it, in whatever order they come, is tested where they are: db/message-statuses.test.ts.
import { expect, it } from "vitest";
import { isMessageStatus, MESSAGE_STATUSES, type MessageStatus } from "../../src/channels/status.ts";

const FAILURES: MessageStatus[] = ["canceled", "failed", "undelivered"];
const rankOf = (status: MessageStatus) => MESSAGE_STATUSES.indexOf(status);

it("lets a failure beat all but proof of delivery", () => {
  for (const failure of FAILURES) {
    expect(MESSAGE_STATUSES.filter((one) => rankOf(one) > rankOf(failure) && !FAILURES.includes(one))).toEqual([
      "delivered",
      "read",
    ]);
  }
});

it("goes from what was planned to what was read", () => {
  expect(MESSAGE_STATUSES.filter((one) => !FAILURES.includes(one))).toEqual([
    ...["scheduled", "accepted", "queued", "sending", "sent", "delivered", "read"],
  ]);
});

it("knows no other", () => {
  expect(MESSAGE_STATUSES.every(isMessageStatus)).toBe(true);
  expect(["received", "SENT", "", "constructor"].some(isMessageStatus)).toBe(false);
});
