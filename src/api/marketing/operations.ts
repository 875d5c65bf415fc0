// What each part of this API makes its routes with: api/shared/operation.ts with this API's errors.
import { operations } from "../shared/operation.ts";
import { errorAnswer } from "./schema.ts";

export const BASE = "/api/v1/workflow/api";

export const marketingOperations = () => operations(errorAnswer);

/** Statuses that any operation for identified callers may answer. */
export const ALWAYS = [401, 403, 500] as const;
