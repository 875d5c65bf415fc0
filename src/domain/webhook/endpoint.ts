// Webhooks of the enhanced API, called endpoints: what they are to the verbs, and who may do what with one. The object that takes their calls, and
// what it judges by, is that of all webhooks.
import { findEndpoint } from "../../db/queries/endpoints.ts";
import type { WebhookRow } from "../../db/queries/webhooks.ts";
import type { Json } from "../../lib/json.ts";
import type { Context } from "../context.ts";
import { DomainError, notFound } from "../errors.ts";
import { authorizeRole, type Verb } from "../permission.ts";
import { openWorkflowHead } from "../workflow/access.ts";
import { NO_COUNTS } from "./counts.ts";
import type { WebhookCounts } from "./tally.ts";

export type Transform = { language: "jsonata"; expression: string };

/** Of any API: core's are seen here, and changed there. */
export type Endpoint = Omit<
  WebhookRow,
  "secretSealed" | "previousSecretSealed" | "counts" | "transform" | "filters"
> & {
  counts: WebhookCounts;
  transform: Transform | null;
  /** A condition tree in its normal form. */
  filters: Json;
};

export const endpointOfRow = ({ secretSealed: _, previousSecretSealed: _p, ...row }: WebhookRow): Endpoint => ({
  ...row,
  counts: {
    ...NO_COUNTS,
    ...(row.door === "core" && { received: row.triggerCount, accepted: row.triggerCount }),
    ...(row.counts as Partial<WebhookCounts> | null),
  },
  transform: row.transform as Transform | null,
});

const authorizeAll = ({ principal }: Context, verb: Verb): void => {
  if (verb === "view") authorizeRole(principal, "viewer", "read");
  else if (verb === "execute") authorizeRole(principal, "operator", "execute");
  else authorizeRole(principal, "editor", "write");
};

const isMissing = (error: unknown): boolean => error instanceof DomainError && error.code === "not_found";

/** Who may do it with its workflow; of one without, by their role. */
const authorizeEndpoint = async (context: Context, workflowId: string, verb: Verb): Promise<void> => {
  if (workflowId === "") return authorizeAll(context, verb);
  try {
    await openWorkflowHead(context, workflowId, verb);
  } catch (error) {
    // Its workflow was deleted: somebody has to be able to clear up.
    if (!isMissing(error)) throw error;
    authorizeAll(context, verb);
  }
};

/** Throws `not_found`, `forbidden`; `conflict` for a change to one that was made through the core API. */
export const openEndpoint = async (context: Context, id: string, verb: Verb): Promise<WebhookRow> => {
  const row = await findEndpoint(context.ports.db, context.principal.organizationId, id);
  if (!row) throw notFound("webhook");
  await authorizeEndpoint(context, row.workflowId, verb);
  if (row.door !== "enhanced" && (verb === "edit" || verb === "delete"))
    throw new DomainError("conflict", "This webhook was made through the core API and is changed there", {
      subject: "webhook",
    });
  return row;
};
