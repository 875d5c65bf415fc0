// What counts as text. How long one may be, and what it means, is for whoever takes it.

/** Of names, labels and keys: no control characters, which would break a header or a line of a log, and no half of a character. */
export const isLine = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text);

/** Of what people write: lines and tabs as well. */
export const isProse = (text: string): boolean => text.isWellFormed() && !/[^\P{Cc}\t\n\r]/u.test(text);

/** A text as one line: what breaks a line, or is none of a text, becomes a space. */
export const toLine = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
