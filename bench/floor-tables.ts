// Tables of the hand-written run (worker/floor.ts) in the product's database.
export const FLOOR_TABLES = [
  "CREATE TABLE bench_events (id TEXT PRIMARY KEY, body TEXT NOT NULL, done INTEGER) WITHOUT ROWID",
  "CREATE TABLE bench_runs (id TEXT PRIMARY KEY, status TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL) WITHOUT ROWID",
  "CREATE TABLE bench_steps (run_id TEXT NOT NULL, n INTEGER NOT NULL, status TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (run_id, n)) WITHOUT ROWID",
];
