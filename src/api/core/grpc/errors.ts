// Every ErrorCode as a gRPC status.
import { Code, ConnectError } from "@connectrpc/connect";
import type { ErrorCode } from "../../../domain/errors.ts";
import { failureOf } from "../../../domain/failure-of.ts";

const CODES: Record<ErrorCode, Code> = {
  invalid_input: Code.InvalidArgument,
  malformed_json: Code.InvalidArgument,
  payload_too_large: Code.ResourceExhausted,
  unauthenticated: Code.Unauthenticated,
  forbidden: Code.PermissionDenied,
  license_required: Code.PermissionDenied,
  not_found: Code.NotFound,
  conflict: Code.AlreadyExists,
  impossible: Code.FailedPrecondition,
  key_reused: Code.AlreadyExists,
  invalid_definition: Code.FailedPrecondition,
  execution_refused: Code.FailedPrecondition,
  execution_timeout: Code.DeadlineExceeded,
  queue_full: Code.ResourceExhausted,
  rate_limited: Code.ResourceExhausted,
  webhook_disabled: Code.PermissionDenied,
  ip_not_allowed: Code.PermissionDenied,
  signature_required: Code.PermissionDenied,
  signature_invalid: Code.PermissionDenied,
  unavailable: Code.Unavailable,
  internal: Code.Internal,
};

/** What has no word of ours is a bug: the caller learns no more than that. A database that is away is logged like one. */
export const connectErrorOf = (error: unknown, requestId: string): ConnectError => {
  const metadata = { "x-request-id": requestId };
  if (error instanceof ConnectError) return error;
  const failure = failureOf(error);
  if (failure === error && failure) return new ConnectError(failure.message, CODES[failure.code], metadata);
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  console.error(JSON.stringify({ message, requestId, stack }));
  return failure
    ? new ConnectError(failure.message, CODES[failure.code], metadata)
    : new ConnectError("Internal server error", Code.Internal, metadata);
};
