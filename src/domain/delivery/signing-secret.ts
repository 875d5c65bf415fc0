// What an organisation signs its outgoing webhooks with (Standard Webhooks). Its admins may see it, since its receivers need it; while it is
// changed, both sign.
import { createHmac } from "node:crypto";
import { findSigningSecret, insertSigningSecret, rotateSigningSecret } from "../../db/queries/deliveries.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import type { Database, Secrets } from "../ports.ts";
import { newSecret } from "../webhook/signature.ts";

/** PERSISTED CONTRACT: what it is sealed under (Secrets). */
const FIELD = "signing-secret";

type World = { db: Database; secrets: Secrets; now: () => number };

export type SigningSecret = { secret: string; previous: { secret: string; until: number } | null; createdAt: number };

/** Made at first use. */
const openSecret = async ({ db, secrets, now }: World, organizationId: string): Promise<SigningSecret> => {
  let row = await findSigningSecret(db, organizationId);
  if (!row) {
    const secretSealed = await secrets.encrypt(organizationId, FIELD, newSecret("standard-webhooks"));
    // Of two that make it at once, the first one's stands.
    row = await insertSigningSecret(db, { organizationId, secretSealed, createdAt: now() });
  }
  const { previousSealed, previousUntil } = row;
  const isRotating = previousSealed !== null && previousUntil !== null && previousUntil > now();
  return {
    secret: await secrets.decrypt(organizationId, FIELD, row.secretSealed),
    previous: isRotating
      ? { secret: await secrets.decrypt(organizationId, FIELD, previousSealed), until: previousUntil }
      : null,
    createdAt: row.createdAt,
  };
};

const hmac = (secret: string, content: string): string =>
  createHmac("sha256", Buffer.from(secret.replace(/^whsec_/, ""), "base64"))
    .update(content)
    .digest("base64");

/** The headers of one attempt: a fresh time, the message's own id, a signature by each secret that is good. */
export const signedHeaders = async (
  world: World,
  organizationId: string,
  { messageId, body }: { messageId: string; body: string },
): Promise<{ [name: string]: string }> => {
  const { secret, previous } = await openSecret(world, organizationId);
  const timestamp = String(Math.floor(world.now() / 1000));
  const signatures = [secret, ...(previous ? [previous.secret] : [])].map(
    (one) => `v1,${hmac(one, `${messageId}.${timestamp}.${body}`)}`,
  );
  return { "webhook-id": messageId, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
};

/** For admins; each look leaves an audit row. */
export const readSigningSecret = async (context: Context): Promise<SigningSecret> => {
  const { principal, ports } = context;
  authorizeRole(principal, "admin", "admin");
  const secret = await openSecret(ports, principal.organizationId);
  await auditStatement(context, { action: "signing_secret.read", targetType: "signing_secret" }).run();
  return secret;
};

export const changeSigningSecret = async (context: Context, overlapMs: number): Promise<SigningSecret> => {
  const { principal, ports } = context;
  authorizeRole(principal, "admin", "admin");
  const { organizationId } = principal;
  await openSecret(ports, organizationId);
  const secretSealed = await ports.secrets.encrypt(organizationId, FIELD, newSecret("standard-webhooks"));
  const createdAt = ports.now();
  await ports.db.batch([
    rotateSigningSecret(ports.db, { organizationId, secretSealed, createdAt, until: createdAt + overlapMs }),
    auditStatement(context, { action: "signing_secret.rotated", targetType: "signing_secret" }),
  ]);
  return openSecret(ports, organizationId);
};
