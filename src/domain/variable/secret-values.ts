// Values of secret variables: sealed when they are saved, opened for a step that needs them, with a row in the audit for each such step.
import { putSecret, selectSecrets } from "../../db/queries/variables.ts";
import type { StepRef } from "../action-ports.ts";
import { auditOf } from "../audit/record.ts";
import type { Ports } from "../ports.ts";

/** PERSISTED CONTRACT: what a value is sealed under (Secrets). */
const fieldOf = (id: string): string => `variables.secret:${id}`;

export const sealValue = async (
  { db, secrets }: Pick<Ports, "db" | "secrets">,
  organizationId: string,
  { id, value, at }: { id: string; value: string; at: number },
): Promise<D1PreparedStatement> =>
  putSecret(db, {
    organizationId,
    id,
    sealed: await secrets.encrypt(organizationId, fieldOf(id), value),
    updatedAt: at,
  });

/** Those that are there, by id. One round trip. */
export const openValues = async (
  { db, secrets, now }: Pick<Ports, "db" | "secrets" | "now">,
  { organizationId, key, workflowId }: Pick<StepRef, "organizationId" | "key" | "workflowId">,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const used = { action: "secret.used", targetType: "workflow", targetId: workflowId, details: { step: key } };
  const [found] = await db.batch([
    selectSecrets(db, organizationId, ids),
    auditOf(db, organizationId, `execution:${key.split(":")[0]}`, key, now(), used),
  ]);
  const rows = found!.results as { id: string; sealed: string }[];
  const open = async ({ id, sealed }: (typeof rows)[number]) =>
    [id, await secrets.decrypt(organizationId, fieldOf(id), sealed)] as const;
  return new Map(await Promise.all(rows.map(open)));
};
