// The keywords that start an imported flow: the sources start with any message, a flow of ours with one of its words.
import { optWordOf } from "../contact/opt-words.ts";
import type { StartWords } from "./making.ts";

const LONGEST = 60;
const MOST = 20;
/** Longer names nobody types. */
const TYPED = 30;

/** The usable ones of `words`, lower case, each once: a word that opts in or out never starts a flow. */
export const usableKeywords = (words: readonly string[]): string[] => {
  const clean = words.map((word) => word.trim().replace(/\s+/g, " ").toLowerCase());
  return [...new Set(clean.filter((word) => word !== "" && word.length <= LONGEST && !optWordOf(word)))].slice(0, MOST);
};

/** What starts the flow: what was asked for and what the source has, else what is usual. */
export const startingWords = ({ asked, usual }: StartWords, own: readonly string[]): string[] => {
  const words = usableKeywords([...asked, ...own]);
  return words.length ? words : [...usual];
};

/** The keyword that a flow's name makes, or a greeting. */
export const keywordsOf = (name: string): string[] => {
  const [word] = usableKeywords([name.replace(/[^\p{L}\p{N}\p{M}\s'-]+/gu, " ")]);
  return word && word.length <= TYPED && word.split(" ").length <= 3 ? [word] : ["hello", "hi"];
};
