// What each part of this API makes its routes with: api/shared/operation.ts with this API's errors and limits.
import { operations } from "../shared/operation.ts";
import { limited } from "./limited.ts";
import { errorAnswer } from "./schema.ts";

export const streamOperations = () => operations(errorAnswer, limited);

/** Statuses that any operation for identified callers may answer. */
export const ALWAYS = [401, 403, 429, 500] as const;
