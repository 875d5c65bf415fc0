// A new workflow, as a draft.
import { insertWorkflow } from "../../db/queries/workflows.ts";
import { newId } from "../../lib/ids.ts";
import type { JsonObject } from "../../lib/json.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { checkLicense, type LicenseRules } from "../license/check-license.ts";
import { authorizeRole } from "../permission.ts";
import { checkConditions, checkSize, type Definition } from "./definition.ts";
import type { Authoring, Workflow } from "./workflow.ts";

export type NewWorkflow = {
  /** Where the authoring API's ids are of another kind than ours. */
  id?: string;
  name: string;
  description: string;
  entityId: number | null;
  communityId: number | null;
  definition: Definition;
  /** What the authoring API must give back as it was sent, beyond the definition. */
  wire?: JsonObject;
  tags?: string[];
  category?: string | null;
  /** Where the authoring API asks for a licence. */
  license?: { rules: LicenseRules; key: string | undefined };
};

/** The caller becomes its owner. Takes the role editor. Throws `license_required` where release mode is on and no good licence came. */
export const createWorkflow = async (context: Context, via: Authoring, input: NewWorkflow): Promise<Workflow> => {
  authorizeRole(context.principal, "editor", "write");
  const { ports, principal } = context;
  const now = ports.now();
  const license = input.license && (await checkLicense(input.license.rules, input.license.key, now));
  checkSize(input.definition);
  checkConditions(input.definition);
  const workflow: Workflow = {
    organizationId: principal.organizationId,
    id: input.id ?? newId(now),
    name: input.name,
    description: input.description,
    authoring: via,
    status: "draft",
    entityId: input.entityId,
    communityId: input.communityId,
    tags: input.tags ?? [],
    category: input.category ?? null,
    definition: input.definition,
    wire: input.wire ?? {},
    publishedVersionId: null,
    createdBy: principal.userId,
    createdAt: now,
    updatedAt: now,
    publishedAt: null,
    archivedAt: null,
  };
  await ports.db.batch([
    insertWorkflow(ports.db, { ...workflow, definition: workflow.definition }),
    auditStatement(context, {
      action: "workflow.created",
      targetType: "workflow",
      targetId: workflow.id,
      details: { name: workflow.name, via, ...(license && { licensee: license.licensee }) },
    }),
  ]);
  return workflow;
};
