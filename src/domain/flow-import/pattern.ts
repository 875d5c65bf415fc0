// The words that a simple pattern consists of. A pattern that is more than words between bars is not taken apart.

const BORDERS = /^(\^|\\b|\\A|\.\*)?([\s\S]*?)(\$|\\b|\\z|\.\*)?$/i;
const WORDS = /^[\p{L}\p{N}\p{M} '’,!&@#%_-]+(\|[\p{L}\p{N}\p{M} '’,!&@#%_-]+)*$/u;
const MOST = 50;

/**
 * The words of e.g. `/^(yes|yeah)$/i`, and whether they are the whole text or stand somewhere in it.
 * Undefined for anything else.
 */
export const wordsOfPattern = (written: string): { words: string[]; whole: boolean } | undefined => {
  const inside = /^\/([\s\S]*)\/[a-z]*$/i.exec(written.trim())?.[1] ?? written.trim().replace(/^\(\?i\)/, "");
  const [, before = "", middle = "", after = ""] = BORDERS.exec(inside) ?? [];
  const bare = /^\((?:\?:)?([^()]*)\)$/.exec(middle)?.[1] ?? middle;
  if (!WORDS.test(bare)) return undefined;
  if (bare !== middle || !bare.includes("|") || (before !== "^" && after !== "$")) {
    const words = bare.split("|").map((word) => word.trim());
    return words.length > MOST ? undefined : { words, whole: before === "^" && after === "$" };
  }
  return undefined;
};
