// How much a run may be started with. Its first journal row holds the variables twice (they are the event's data as well) and the metadata, and
// a row of production's SQLite 2 MB.
import type { JsonObject } from "../../lib/json.ts";
import { DomainError } from "../errors.ts";

const MAX_START_BYTES = 900_000;

const bytesOf = (value: JsonObject): number => new TextEncoder().encode(JSON.stringify(value)).byteLength;

/** Throws `payload_too_large` that names the larger of the two. */
export const checkRunSize = ({ variables, metadata }: { variables: JsonObject; metadata: JsonObject }): void => {
  const sizes = { variables: bytesOf(variables), metadata: bytesOf(metadata) };
  if (sizes.variables + sizes.metadata <= MAX_START_BYTES) return;
  const field = sizes.variables >= sizes.metadata ? "variables" : "metadata";
  const message = `must have at most ${MAX_START_BYTES} bytes with all else that it is started with`;
  throw new DomainError("payload_too_large", `${field} ${message}`, {
    problems: [{ field, message }],
    details: { limit: MAX_START_BYTES, size: sizes.variables + sizes.metadata },
  });
};

/** Beside it there is room for the organisation's variables and what else the row says. */
const MAX_FIRST_ROW_BYTES = 1_800_000;

/** Whether a run's first journal row has room for all of this: a row of production's SQLite has 2 MB, one of the local runtime more. */
export const fitFirstRow = (parts: readonly unknown[]): boolean =>
  Buffer.byteLength(JSON.stringify(parts)) <= MAX_FIRST_ROW_BYTES;
