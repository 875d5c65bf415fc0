// The keywords that start an imported flow: the sources start with any message, a flow of ours with one of its words.

/** Words that have a meaning of their own (MESSAGING.md, Consent): they never start a flow. */
const TAKEN = new Set([
  ...["stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel"],
  ...["start", "yes", "unstop", "help", "info"],
]);
const LONGEST = 60;
const MOST = 20;
/** Longer names nobody types. */
const TYPED = 30;

/** The usable ones of `words`, lower case, each once. */
export const usableKeywords = (words: readonly string[]): string[] => {
  const clean = words.map((word) => word.trim().replace(/\s+/g, " ").toLowerCase());
  return [...new Set(clean.filter((word) => word !== "" && word.length <= LONGEST && !TAKEN.has(word)))].slice(0, MOST);
};

/** The keyword that a flow's name makes, or a greeting. */
export const keywordsOf = (name: string): string[] => {
  const [word] = usableKeywords([name.replace(/[^\p{L}\p{N}\p{M}\s'-]+/gu, " ")]);
  return word && word.length <= TYPED && word.split(" ").length <= 3 ? [word] : ["hello", "hi"];
};
