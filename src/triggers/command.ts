// What a command is to a message: its first words, whole, in any case. `!test` is in "!Test foo" and "!test, please", not in "!testing".

/** Longest command, in characters; it bounds the keys of a message. */
export const MAX_COMMAND_LENGTH = 64;

const fold = (text: string): string => text.normalize("NFC").toLowerCase();

/** The form in which commands are stored and compared: folded, words apart by one space. */
export const normalizeCommand = (command: string): string => fold(command).trim().split(/\s+/).join(" ");

const TRAILING = /[\p{P}\p{S}]$/u;
/** Without its last character, which may take two units. */
const dropLast = (text: string): string => text.slice(0, /[\uDC00-\uDFFF]$/.test(text) ? -2 : -1);

/**
 * Every command that the text starts with, longest last. A word's trailing punctuation may belong to the command or not. Never more
 * than MAX_COMMAND_LENGTH keys, however long the text is.
 */
export const commandKeys = (text: string): string[] => {
  const keys = new Set<string>();
  // Folding can lengthen a text, spaces between words shrink: twice the bound always holds the first bound's worth of words.
  const words = fold(text.trimStart().slice(0, 8 * MAX_COMMAND_LENGTH)).split(/\s+/);
  let before = "";
  for (const word of words) {
    const whole = before === "" ? word : `${before} ${word}`;
    const shortened: string[] = [];
    for (let key = whole; key.length > before.length + 1 || (before === "" && key !== ""); key = dropLast(key)) {
      shortened.unshift(key);
      if (!TRAILING.test(key)) break;
    }
    for (const key of shortened) if (key.length <= MAX_COMMAND_LENGTH) keys.add(key);
    if (whole.length > MAX_COMMAND_LENGTH) break;
    before = whole;
  }
  return [...keys];
};

/** What follows the command's words in the text, as it was written; undefined when the text does not start with the command. */
export const argsOf = (text: string, command: string): string | undefined => {
  const wanted = normalizeCommand(command);
  if (!commandKeys(text).includes(wanted)) return undefined;
  let rest = text.trimStart();
  for (const _ of wanted.split(" ")) rest = rest.replace(/^\S+\s*/, "");
  return rest.trimEnd();
};
