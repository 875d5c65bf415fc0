// Finds a key that an object repeats: JSON.parse keeps the last one silently, and two readers of the same bytes may disagree on which counts.

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const OPEN_OBJECT = 123;

/** Index of the quote that ends the string which starts at `start`. */
const endOfString = (text: string, start: number): number => {
  let at = start + 1;
  while (text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
};

type Level = { keys: Set<string> | undefined; key: string; index: number };

/** Dotted path of the first repeated key, or undefined. `text` must be valid JSON. */
export const findRepeatedKey = (text: string): string | undefined => {
  const levels: Level[] = [];
  let last = "";
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    const level = levels.at(-1);
    if (char === QUOTE) {
      const end = endOfString(text, at);
      // Only what stands before a colon is a key: the text is cut out there, unescaped when it has to be.
      if (level?.keys) last = text.slice(at, end + 1);
      at = end;
    } else if (char === COLON && level?.keys) {
      level.key = last.includes("\\") ? (JSON.parse(last) as string) : last.slice(1, -1);
      if (level.keys.has(level.key)) return levels.map(({ keys, key, index }) => (keys ? key : index)).join(".");
      level.keys.add(level.key);
    } else if (char === COMMA && level) level.index++;
    else if (char === OPEN_OBJECT) levels.push({ keys: new Set(), key: "", index: 0 });
    else if (char === OPEN_ARRAY) levels.push({ keys: undefined, key: "", index: 0 });
    else if (char === 125 || char === 93) levels.pop();
  }
  return undefined;
};
