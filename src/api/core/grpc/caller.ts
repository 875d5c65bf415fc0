// Who calls over gRPC: the HTTP context travels with the call, and its credentials become a principal before any method runs.
import { createContextKey, type HandlerContext } from "@connectrpc/connect";
import type { Context } from "../../../domain/context.ts";
import { DomainError } from "../../../domain/errors.ts";
import type { ApiContext } from "../../shared/api.ts";

export const httpContext = createContextKey<ApiContext | undefined>(undefined, { description: "HTTP context" });

export const contextOf = (call: HandlerContext): Context => {
  const context = call.values.get(httpContext)?.var.context;
  if (!context) throw new DomainError("unauthenticated", "Authentication credentials were not provided.");
  return context;
};
