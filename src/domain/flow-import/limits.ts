// How large a document may be to be imported. Each is stated in the error of what it stops.

export const MAX_DEPTH = 60;
/** Widgets, or blocks of all groups. */
export const MAX_PARTS = 1_000;
/** Ways out of all of them: transitions of widgets, items of blocks. */
export const MAX_WAYS = 4_000;
/** Values of any kind in the document, and characters of all its texts. */
export const MAX_VALUES = 200_000;
export const MAX_CHARS = 2_000_000;
