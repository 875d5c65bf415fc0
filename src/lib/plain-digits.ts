// Numbers as people write them in their own script: ۲۵, २५, ２５ are 25.
const DIGIT = /^\p{Nd}$/u;
const ARABIC_DECIMAL_SEPARATOR = "\u066B";

/** A script's digits are ten code points in a row, from its zero; another's may follow at once. */
const worthOf = (digit: string): number => {
  const code = digit.codePointAt(0)!;
  let value = 0;
  while (DIGIT.test(String.fromCodePoint(code - value - 1))) value++;
  return value % 10;
};

/** The text with every decimal digit, and the decimal point of Arabic scripts, as ASCII has them; in Unicode's compatible form. */
export const plainDigits = (text: string): string =>
  text
    .normalize("NFKC")
    .replaceAll(ARABIC_DECIMAL_SEPARATOR, ".")
    .replace(/(?!\d)\p{Nd}/gu, (digit) => String(worthOf(digit)));
