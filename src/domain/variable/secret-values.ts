// Values of secret variables: sealed when they are saved, opened for a step that needs them, with a row in the audit for each such step. A secret
// is opened in runs of its own workflow, a global one in all, and one that a run handed to its sub-workflow in that run too: its name as a text
// opens nothing elsewhere.
import { listSecrets, putSecret, type SecretRow } from "../../db/queries/variables.ts";
import type { ActionPorts, StepRef } from "../action-ports.ts";
import { auditOf } from "../audit/record.ts";
import type { Ports } from "../ports.ts";

/** PERSISTED CONTRACT: what a value is sealed under (Secrets). */
const fieldOf = (id: string): string => `variables.secret:${id}`;

/** `workflowId` null: global. */
type NewSecret = { id: string; workflowId: string | null; value: string; at: number };

export const sealValue = async (
  { db, secrets }: Pick<Ports, "db" | "secrets">,
  organizationId: string,
  { id, workflowId, value, at }: NewSecret,
): Promise<D1PreparedStatement> =>
  putSecret(db, {
    organizationId,
    id,
    workflowId,
    sealed: await secrets.encrypt(organizationId, fieldOf(id), value),
    updatedAt: at,
  });

type Step = Pick<StepRef, "workflowId" | "lent">;

const isOpenTo =
  ({ workflowId: asking, lent = {} }: Step) =>
  ({ id, workflowId }: SecretRow): boolean =>
    workflowId === null || workflowId === asking || (Object.hasOwn(lent, id) && lent[id] === workflowId);

/** What a sub-workflow may open of what it is given: by whose right, by the secrets' ids. Whoever had no right to it lends none. */
export const lentBy = (step: Step, ids: readonly string[]): StepRef["lent"] =>
  Object.fromEntries(
    ids.map((id) => [id, step.lent && Object.hasOwn(step.lent, id) ? step.lent[id]! : step.workflowId]),
  );

export const secretsPort = ({ db, secrets, now }: Pick<Ports, "db" | "secrets" | "now">): ActionPorts["secrets"] => ({
  ownOf: async (step, ids) => {
    const { results } = await listSecrets(db, step.organizationId, ids);
    return results.filter(isOpenTo(step)).map(({ id }) => id);
  },
  open: async (step, ids) => {
    const { organizationId, key, workflowId } = step;
    const { results } = await listSecrets(db, organizationId, ids);
    const own = results.filter(isOpenTo(step));
    if (own.length === 0) return new Map();
    const used = { action: "secret.used", targetType: "workflow", targetId: workflowId, details: { step: key } };
    await auditOf(db, organizationId, `execution:${key.split(":")[0]}`, key, now(), used).run();
    const unsealed = async ({ id, sealed }: SecretRow): Promise<[string, string | null]> => [
      id,
      sealed === "" ? null : await secrets.decrypt(organizationId, fieldOf(id), sealed),
    ];
    return new Map(await Promise.all(own.map(unsealed)));
  },
});
