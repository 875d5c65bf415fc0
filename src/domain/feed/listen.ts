// Opening a workflow's live stream.
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import type { Feeds } from "../ports.ts";
import { openWorkflowHead } from "../workflow/access.ts";
import { MAX_LISTENERS, MAX_ORGANIZATION_LISTENERS } from "./listener.ts";

const FULL = {
  workflow: `This workflow has ${MAX_LISTENERS} listeners, which is the most`,
  organization: `The organization has ${MAX_ORGANIZATION_LISTENERS} listeners, which is the most`,
};

/** `lastEventId`: goes on behind that event. Throws `not_found`, `forbidden`, `rate_limited` when too many listen, `unavailable`. */
export const listen = async (
  context: Context,
  workflowId: string,
  lastEventId: string | undefined,
): Promise<Extract<Awaited<ReturnType<Feeds["open"]>>, { kind: "open" }>> => {
  const { id, organizationId } = await openWorkflowHead(context, workflowId, "view");
  const { userId, username, keyId, scopes, expiresAt } = context.principal;
  const listener = {
    ...{ userId, username },
    ...(keyId !== undefined && { keyId }),
    ...(scopes && { scopes }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
  const opened = await context.ports.feeds.open(organizationId, id, listener, lastEventId);
  if (opened.kind === "open") return opened;
  throw new DomainError("rate_limited", FULL[opened.by], { subject: "stream", retryAfterSeconds: 10 });
};
