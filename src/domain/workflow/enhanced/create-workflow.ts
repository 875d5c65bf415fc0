// A new enhanced workflow: a draft that may be unfinished, or active at once.
import { insertWorkflow } from "../../../db/queries/workflows.ts";
import { newId } from "../../../lib/ids.ts";
import { auditStatement } from "../../audit/record.ts";
import { useBlueprint } from "../../blueprint/use-blueprint.ts";
import type { Context } from "../../context.ts";
import { DomainError } from "../../errors.ts";
import { authorizeRole } from "../../permission.ts";
import { publishOpened } from "../publish-workflow.ts";
import type { Workflow } from "../workflow.ts";
import { checkNamedWorkflows, checkWire, requireRunnable } from "./check-wire.ts";
import { type Judged, judgeWorkflow } from "./compile-workflow.ts";
import { NEVER_RUN, type WorkflowRecord } from "./record.ts";
import { type EnhancedWire, storedWire } from "./workflow-data.ts";

export type NewEnhancedWorkflow = {
  name: string;
  description?: string;
  category?: string | null;
  tags?: string[];
  /** Default `draft`. */
  status?: "draft" | "active";
} & Pick<EnhancedWire, "workflowData"> &
  Partial<Omit<EnhancedWire, "workflowData">>;

/**
 * The caller becomes its owner; the blueprint that it names (`templateId`) is one use richer. Takes the role editor. Throws `invalid_definition`
 * for one that is to be active and has errors; nothing is written then. `statements` are of the same batch.
 */
export const createEnhancedWorkflow = async (
  context: Context,
  input: NewEnhancedWorkflow,
  statements: (workflow: Workflow) => D1PreparedStatement[] = () => [],
): Promise<{ workflow: WorkflowRecord } & Judged> => {
  const { principal, ports } = context;
  authorizeRole(principal, "editor", "write");
  const wire: EnhancedWire = {
    workflowData: input.workflowData,
    triggerType: input.triggerType ?? null,
    triggerConfig: input.triggerConfig ?? {},
    settings: input.settings ?? {},
    templateId: input.templateId ?? null,
    ...(input.triggers && { triggers: input.triggers }),
  };
  const judged = judgeWorkflow(wire, ports);
  const { definition } = judged;
  checkWire(wire, judged);
  await checkNamedWorkflows(context, wire);
  const used = wire.templateId === null ? [] : [await useBlueprint(context, wire.templateId)];
  const program = input.status === "active" ? requireRunnable(judged) : null;
  const now = ports.now();
  const workflow: Workflow = {
    organizationId: principal.organizationId,
    id: newId(now),
    name: input.name,
    description: input.description ?? "",
    authoring: "enhanced",
    status: "draft",
    entityId: null,
    communityId: null,
    tags: input.tags ?? [],
    category: input.category ?? null,
    definition,
    wire: storedWire(wire),
    publishedVersionId: null,
    createdBy: principal.userId,
    createdAt: now,
    updatedAt: now,
    publishedAt: null,
    archivedAt: null,
  };
  const insert = insertWorkflow(ports.db, { ...workflow, definition: definition });
  const others = [
    ...statements(workflow),
    ...used,
    auditStatement(context, {
      action: "workflow.created",
      targetType: "workflow",
      targetId: workflow.id,
      details: { name: workflow.name, via: "enhanced" },
    }),
  ];
  if (!program) {
    await ports.db.batch([insert, ...others]);
    return { workflow: { ...workflow, ...NEVER_RUN }, ...judged };
  }
  const { workflow: published, version } = await publishOpened(context, workflow, program, {
    unless: { statement: insert, refusal: collision },
    change: {},
    statements: others,
  });
  return { workflow: { ...published, ...NEVER_RUN, version }, ...judged };
};

const collision = () => new DomainError("conflict", "The workflow already exists", { subject: "workflow" });
