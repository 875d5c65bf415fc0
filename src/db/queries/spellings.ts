// Searches that are too short for the index of trigrams.

/** One or two characters in every case: SQLite's own `lower` knows ASCII only. */
export const spellingsOf = (text: string): string[] => {
  const spellings = [...text].reduce(
    (before, char) => before.flatMap((start) => [start + char.toLowerCase(), start + char.toUpperCase()]),
    [""],
  );
  return [...new Set(spellings)];
};
