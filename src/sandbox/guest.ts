// The memory of an interpreter's instance, as both hosts use it. Addresses and lengths come from the guest and may be wild:
// a view outside the memory throws a RangeError, which ends the run and nothing else.

import { Stop } from "./outcome.ts";
import { PAGE } from "./pages.ts";

/** Memory grows by at least this, so that a growing heap asks seldom. */
const GROWTH = 1 << 20;
/** Kept back until the first refusal, so that the guest can still make the error that reports it. */
const RESERVE = 1 << 18;

export interface Heap {
  /** `emscripten_resize_heap`: grows the memory to `wanted` bytes; 0 is "no". */
  grow(memory: WebAssembly.Memory, wanted: number): 0 | 1;
  /** Was memory refused? */
  isStarved(): boolean;
}

/** A heap whose memory may grow to `limit` bytes in all. */
export const newHeap = (limit: number): Heap => {
  let most = limit;
  let isStarved = false;
  return {
    grow(memory, wanted) {
      const size = memory.buffer.byteLength;
      if (wanted >>> 0 <= most) {
        const target = Math.min(most, Math.max(wanted >>> 0, size + GROWTH));
        memory.grow(Math.ceil((target - size) / PAGE));
        return 1;
      }
      isStarved = true;
      most = limit + RESERVE;
      return 0;
    },
    isStarved: () => isStarved,
  };
};

/** Allocates in the guest; no memory left ends the run. */
export const allocate = (malloc: (bytes: number) => number, bytes: number): number => {
  const at = malloc(bytes);
  if (at === 0) throw new Stop("MemoryError", "no memory left for the code and its context");
  return at;
};

/** Copies text, with a zero behind it, into memory that `malloc` gives. */
export const putText = (memory: WebAssembly.Memory, malloc: (bytes: number) => number, text: string) => {
  const bytes = new TextEncoder().encode(text);
  const at = allocate(malloc, bytes.length + 1);
  const view = new Uint8Array(memory.buffer, at, bytes.length + 1);
  view.set(bytes);
  view[bytes.length] = 0;
  return { at, length: bytes.length };
};

/** A view, valid until the guest runs again. */
export const bytesAt = (memory: WebAssembly.Memory, at: number, length: number): Uint8Array =>
  new Uint8Array(memory.buffer, at >>> 0, length >>> 0);

/** The text up to the zero byte; one longer than `limit` bytes ends the run. */
export const textAt = (memory: WebAssembly.Memory, at: number, limit: number): string => {
  const rest = new Uint8Array(memory.buffer, at >>> 0).subarray(0, limit + 1);
  const end = rest.indexOf(0);
  if (end < 0) throw new Stop("OutputLimit", `a text has more than ${limit} bytes`);
  return new TextDecoder().decode(rest.subarray(0, end));
};

export const wordsAt = (memory: WebAssembly.Memory, at: number, count: number): Uint32Array =>
  new Uint32Array(memory.buffer.slice(at >>> 0, (at >>> 0) + 4 * count));
