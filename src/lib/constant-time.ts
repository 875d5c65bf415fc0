// Comparing a secret's proof without telling by the time taken how much of it was right.

import { timingSafeEqual } from "node:crypto";

/** Whether both texts are the same UTF-8 bytes. A different length is told at once: lengths of signatures are no secret. */
export const sameText = (given: string, expected: string): boolean => {
  const encoder = new TextEncoder();
  const [left, right] = [encoder.encode(given), encoder.encode(expected)];
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
};
