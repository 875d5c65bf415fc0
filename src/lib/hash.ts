// A small non-cryptographic hash, for jitter and sharding that must come out the same every time.

/** FNV-1a, 32 bits, of the text's UTF-16 units. */
export const hash32 = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
};
