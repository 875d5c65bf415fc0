// The rows of a stopped product's database that no API shows yet. Read only, and only while nothing runs.
import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const FILES = "v3/d1/miniflare-D1DatabaseObject/*.sqlite";

export type MessageRow = {
  id: string;
  body: string;
  status: string;
  providerId: string | null;
  executionId: string | null;
  errorCode: string | null;
};

export const outboundMessages = (stateDir: string): MessageRow[] => {
  const [file] = globSync(FILES, { cwd: stateDir }).filter((name) => basename(name) !== "metadata.sqlite");
  if (file === undefined) throw new Error(`There is no database below ${stateDir}`);
  const database = new DatabaseSync(join(stateDir, file));
  try {
    return database
      .prepare(
        `SELECT id, body, status, provider_id AS providerId, execution_id AS executionId, error_code AS errorCode
         FROM messages WHERE direction = 'outbound'`,
      )
      .all() as MessageRow[];
  } finally {
    database.close();
  }
};
