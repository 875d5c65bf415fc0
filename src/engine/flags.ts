// Numbered changes of behaviour that a replay would notice (I6). A run keeps the flags it started with; a golden history in
// test/histories/ holds each of them. Never reuse a number.

/** The first behaviour. */
const FIRST = 1;
/** What a run keeps is measured: a record's depth (MAX_RECORD_DEPTH) and the size of all (MAX_RUN_CHARS). */
export const MEASURED = 2;

/** A node whose config names no retry has that of its type, where the type has one. */
export const OWN_RETRY = 4;

/** A question says that it is one when it is performed, and its wait is for the contact's reply, which belongs to one wait. */
export const OWNED_REPLIES = 8;

/** What filters make of a secret they make where its value is; a filter that cannot wait so long refuses it. */
export const POSTPONED_FILTERS = 16;

/** Values that a template puts into HTML are escaped. */
export const ESCAPED_HTML = 32;

/** A number in an answer, and that of a choice, may be written in any script's digits. */
export const ANY_DIGITS = 64;

/** Of triggers that lead to the same places a run starts at the first only: what follows them happens once. */
export const START_ONCE = 128;

/** What a loop around calls its element is among `variables` too, where no variable has that name. */
export const ITEMS_AS_VARIABLES = 256;

/** Bits that new runs start with. */
export const CURRENT_FLAGS =
  FIRST |
  MEASURED |
  OWN_RETRY |
  OWNED_REPLIES |
  POSTPONED_FILTERS |
  ESCAPED_HTML |
  ANY_DIGITS |
  START_ONCE |
  ITEMS_AS_VARIABLES;
