// Numbered changes of behaviour that a replay would notice (I6). A run keeps the flags it started with; a golden history in
// test/histories/ holds each of them. Never reuse a number.

/** Bits that new runs start with. Bit 0 is the first behaviour. */
export const CURRENT_FLAGS = 1;
