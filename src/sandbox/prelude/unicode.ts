// Letters and digits beyond ASCII, read once from the host's own Unicode: the alphabets that have cases, Arabic, Hebrew, Indic and the
// others below U+3000; above, the large blocks of letters as they are known.

const END = 0x3000;
/** Kana, CJK, Hangul, compatibility and presentation forms, full width. Borders: first letter, first that is none. */
const BEYOND = [
  ...[0x3005, 0x3008, 0x3031, 0x3036, 0x3041, 0x3097, 0x309d, 0x30a0, 0x30a1, 0x30fb, 0x30fc, 0x3100, 0x3105, 0x318f],
  ...[0x3400, 0x4dc0, 0x4e00, 0xa48d, 0xac00, 0xd7a4, 0xf900, 0xfb07, 0xfb50, 0xfbb2, 0xfbd3, 0xfd3e, 0xfd50, 0xfdc8],
  ...[0xfdf0, 0xfdfc, 0xfe70, 0xfefd, 0xff21, 0xff3b, 0xff41, 0xff5b, 0xff66, 0xffbf, 0x20000, 0x323b0],
];

export interface Unicode {
  letters: number[];
  digits: number[];
  /** Characters in order, and what each becomes. */
  upper: [number[], string[]];
  lower: [number[], string[]];
}

export const readUnicode = (): Unicode => {
  const letters: number[] = [];
  const digits: number[] = [];
  const upper: Unicode["upper"] = [[], []];
  const lower: Unicode["lower"] = [[], []];
  const note = ([codes, results]: Unicode["upper"], code: number, char: string, result: string): void => {
    if (result === char) return;
    codes.push(code);
    results.push(result);
  };
  let wasLetter = false;
  for (let code = 0x80; code < END; code++) {
    const char = String.fromCharCode(code);
    const isLetter = /\p{L}/u.test(char);
    if (isLetter !== wasLetter) letters.push(code);
    wasLetter = isLetter;
    if (/\p{Nd}/u.test(char) && code >= (digits.at(-1) ?? 0) + 10) digits.push(code);
    if (!isLetter) continue;
    note(upper, code, char, char.toUpperCase());
    note(lower, code, char, char.toLowerCase());
  }
  return { letters: [...letters, ...BEYOND], digits, upper, lower };
};
