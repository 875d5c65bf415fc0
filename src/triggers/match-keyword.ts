// Which keyword a message says: the whole message in any case, else a whole word of it; the longest wins, over all flows that are asked. Pure.
import { foldCase } from "../engine/expression/compare.ts";

/** `of`: what the keyword starts. */
export type Keyword<Of> = { keyword: string; of: Of };

/** Longer messages are no keywords. */
const MAX_MESSAGE = 10_000;

/** Letters, digits and marks of scripts that part words; where a script does not, every place is the end of a word. */
const WORD = /[\p{L}\p{N}\p{M}_]/u;
const UNPARTED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
const isInWord = (symbol: string | undefined): boolean =>
  symbol !== undefined && WORD.test(symbol) && !UNPARTED.test(symbol);

const joins = (left: string | undefined, right: string | undefined): boolean => isInWord(left) && isInWord(right);

const plain = (text: string): string => foldCase(text.trim()).replace(/\s+/g, " ");

const saysWord = (message: string, keyword: string): boolean => {
  const first = symbolAt(keyword, 0);
  const last = symbolBefore(keyword, keyword.length);
  for (let at = message.indexOf(keyword); at >= 0; at = message.indexOf(keyword, at + 1)) {
    const end = at + keyword.length;
    if (!joins(symbolBefore(message, at), first) && !joins(last, symbolAt(message, end))) return true;
  }
  return false;
};

const symbolAt = (text: string, index: number): string | undefined => {
  const point = text.codePointAt(index);
  return point === undefined ? undefined : String.fromCodePoint(point);
};

const symbolBefore = (text: string, index: number): string | undefined => {
  if (index === 0) return undefined;
  const isPair = index > 1 && /[\uDC00-\uDFFF]/.test(text[index - 1]!) && /[\uD800-\uDBFF]/.test(text[index - 2]!);
  return text.slice(index - (isPair ? 2 : 1), index);
};

/** A folded keyword is no longer than this. */
const LONGEST_WORD = 400;

/**
 * What a text consists of, each once: words, and where a script does not part them, and of all other symbols, each symbol; two symbols of such a
 * script that stand together too. Whatever a keyword consists of, a message that says it consists of as well.
 */
const partsOf = (said: string): Set<string> => {
  const parts = new Set<string>();
  let word = "";
  let before = "";
  const endWord = () => {
    if (word !== "" && word.length <= LONGEST_WORD) parts.add(word);
    word = "";
  };
  for (const symbol of said) {
    if (isInWord(symbol)) {
      word += symbol;
      before = "";
      continue;
    }
    endWord();
    const isUnparted = UNPARTED.test(symbol);
    if (symbol !== " ") parts.add(symbol);
    if (isUnparted && before !== "") parts.add(before + symbol);
    before = isUnparted ? symbol : "";
  }
  endWord();
  return parts;
};

/** The part of a keyword by which it is looked up: the longest, which fewest messages have; of equals the first. "" when it has none. */
export const keywordKey = (keyword: string): string => {
  let longest = "";
  for (const part of partsOf(plain(keyword))) if (part.length > longest.length) longest = part;
  return longest;
};

/** Under which the keywords that a message may say are looked up. */
export const messageKeys = (message: string): string[] => {
  const said = plain(message.slice(0, MAX_MESSAGE + 1));
  return said.length > MAX_MESSAGE ? [] : [...partsOf(said)];
};

/** Undefined when none is said. Of equals the first one given wins. */
export const matchKeyword = <Of>(message: string, keywords: Iterable<Keyword<Of>>): Keyword<Of> | undefined => {
  const said = plain(message.slice(0, MAX_MESSAGE + 1));
  if (said === "" || said.length > MAX_MESSAGE) return undefined;
  let best: { found: Keyword<Of>; isWhole: boolean; length: number } | undefined;
  for (const found of keywords) {
    const keyword = plain(found.keyword);
    const { length } = keyword;
    const isWhole = keyword === said;
    if (length === 0 || (best?.isWhole && !isWhole)) continue;
    if (best && best.isWhole === isWhole && best.length >= length) continue;
    if (isWhole || saysWord(said, keyword)) best = { found, isWhole, length };
  }
  return best?.found;
};
