// Words by which a person opts out, opts in or asks for help. The whole message, trimmed, in any case: `sToP` is one, `Stop please` is not.
// What looks the same is the same: full-width letters, and marks that nobody sees (keyboards of scripts from right to left write them).
// What follows from one (consent, the order against pending questions) is the caller's.

/** PERSISTED CONTRACT. STOP itself and the other words are told apart: the first sets consent STOP, the others OPT_OUT. */
export type OptWord = { meaning: "opt_out" | "opt_in" | "help"; word: string };

const WORDS: ReadonlyMap<string, OptWord["meaning"]> = new Map([
  ...["STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"].map(
    (w) => [w, "opt_out"] as const,
  ),
  ...["START", "YES", "UNSTOP"].map((w) => [w, "opt_in"] as const),
  ...["HELP", "INFO"].map((w) => [w, "help"] as const),
]);

/** Marks of direction, joiners, soft hyphens; and what chooses between forms of a symbol. */
const UNSEEN = /[\p{Cf}\p{Variation_Selector}]/gu;
/** Much room around a word. */
const LONGEST = 1_000;

/** The opt word that `body` consists of, in capitals, or undefined. */
export const optWordOf = (body: string): OptWord | undefined => {
  if (body.length > LONGEST) return undefined;
  const word = body.normalize("NFKC").replace(UNSEEN, "").trim().toUpperCase();
  const meaning = WORDS.get(word);
  return meaning && { meaning, word };
};
