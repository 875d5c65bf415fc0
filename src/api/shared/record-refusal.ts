// One audit row for what somebody was not allowed to do, whichever way they asked. That the row can't be written changes no answer.
import { auditStatement } from "../../domain/audit/record.ts";
import type { DomainError } from "../../domain/errors.ts";
import type { ApiContext } from "./api.ts";

/** Does nothing for errors that are no refusals, and for callers of whom nothing is known. */
export const recordRefusal = async (c: ApiContext, error: DomainError): Promise<void> => {
  if (error.code !== "forbidden" || !c.var.context) return;
  try {
    await auditStatement(c.var.context, {
      action: "authorization.refused",
      ...(error.subject === undefined ? {} : { targetType: error.subject }),
      details: { method: c.req.method, path: c.req.path, reason: error.message },
    }).run();
  } catch (failure) {
    console.error(
      JSON.stringify({ message: "refusal not recorded", requestId: c.var.requestId, error: String(failure) }),
    );
  }
};
