// Numbers as people read them.

/** With two decimals. */
export const toHundredths = (value: number): number => Math.round(value * 100) / 100;

/** With two decimals; 0 of nothing. */
export const percentOf = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
