// A database that adds up the rows that its statements read, by D1's own count: for benches that hold pages to a budget.

type Counted = D1PreparedStatement & { original: D1PreparedStatement };

export const countingD1 = (database: D1Database): { db: D1Database; take: () => number } => {
  let rows = 0;
  const noted = <T>(results: D1Result<T>[]): D1Result<T>[] => {
    for (const { meta } of results) rows += meta.rows_read;
    return results;
  };
  const counted = (original: D1PreparedStatement): Counted => {
    const all = async () => noted([await original.all()])[0]!;
    return {
      original,
      bind: (...values: unknown[]) => counted(original.bind(...values)),
      all,
      run: all,
      first: async (column?: string) => {
        const row = (await all()).results[0] as Record<string, unknown> | undefined;
        return row === undefined ? null : column === undefined ? row : row[column];
      },
      // What drizzle asks by: rows without names.
      raw: async () => (await all()).results.map((row) => Object.values(row as object)),
    } as unknown as Counted;
  };
  const db = {
    prepare: (query: string) => counted(database.prepare(query)),
    batch: async (all: Counted[]) => noted(await database.batch(all.map(({ original }) => original))),
  } as unknown as D1Database;
  const take = (): number => {
    const taken = rows;
    rows = 0;
    return taken;
  };
  return { db, take };
};
