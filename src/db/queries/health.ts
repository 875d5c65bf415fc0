// Whether the database answers.

export const answers = async (db: D1Database): Promise<boolean> =>
  (await db.prepare("SELECT 1 AS one").first<number>("one")) === 1;
