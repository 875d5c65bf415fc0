// What travels with a gRPC call: the HTTP request that it came by, and its bytes once they were read. Credentials become a principal before any
// method runs.
import { createContextKey, type HandlerContext } from "@connectrpc/connect";
import type { Context } from "../../../domain/context.ts";
import { DomainError } from "../../../domain/errors.ts";
import type { ApiContext } from "../../shared/api.ts";

export const httpContext = createContextKey<ApiContext | undefined>(undefined, { description: "HTTP context" });
export const bodyBytes = createContextKey<Uint8Array>(new Uint8Array(), { description: "body" });

export const contextOf = (call: HandlerContext): Context => {
  const context = call.values.get(httpContext)?.var.context;
  if (!context) throw new DomainError("unauthenticated", "Authentication credentials were not provided.");
  return context;
};
