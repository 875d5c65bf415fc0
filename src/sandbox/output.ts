// Text that a run prints, up to a limit.

import { Stop } from "./outcome.ts";

export interface Output {
  /** Throws Stop at the first byte beyond the limit, keeping those before it. */
  write(bytes: Uint8Array): void;
  text(): string;
}

export const newOutput = (limit: number, what = "printed"): Output => {
  const parts: Uint8Array[] = [];
  let size = 0;
  return {
    write(bytes) {
      const kept = bytes.slice(0, limit - size);
      parts.push(kept);
      size += kept.length;
      if (kept.length < bytes.length) throw new Stop("OutputLimit", `${what} more than ${limit} bytes`);
    },
    text() {
      const decoder = new TextDecoder();
      // A stream that is never closed leaves out a character that the limit has cut in two.
      return parts.map((part) => decoder.decode(part, { stream: true })).join("");
    },
  };
};
