// Wire shapes of the caller, keys and members.
import { z } from "@hono/zod-openapi";
import { ROLES } from "../../../domain/context.ts";
import { isUserId } from "../../../domain/identity/user-id.ts";
import { SCOPES } from "../../../domain/permission.ts";
import { label } from "../../shared/text.ts";
import { instant, pageQuery, pagination } from "../schema.ts";

const userId = z.union([
  z.int().transform(String),
  z.string().refine(isUserId, "Must be 1 to 128 characters without spaces."),
]);

export const createKeyBody = z.strictObject({
  name: label(200),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1, "Must name at least one scope.")
    .transform((scopes) => [...new Set(scopes)])
    .optional(),
});

export const addMemberBody = z.strictObject({ user_id: userId, role: z.enum(ROLES) });
export const changeRoleBody = z.strictObject({ role: z.enum(ROLES) });

export const listQuery = z.object(pageQuery);

const role = z.enum(ROLES);

export const me = z
  .object({
    user: z.object({ id: z.string(), username: z.string() }),
    kind: z.enum(["user", "key"]),
    scopes: z.array(z.string()).nullable(),
    organization_id: z.string(),
    organizations: z.array(z.object({ id: z.string(), name: z.string(), role, own: z.boolean() })),
  })
  .openapi("Me");

export const apiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    prefix: z.string(),
    scopes: z.array(z.string()).nullable(),
    created_by: z.string(),
    created_at: instant,
    last_used_at: instant.nullable(),
    revoked_at: instant.nullable(),
  })
  .openapi("ApiKey");

export const keys = z.object({ apiKeys: z.array(apiKey), pagination });
export const createdKey = apiKey.extend({ key: z.string().openapi({ description: "Shown this once" }) });
export const revokedKey = z.object({ success: z.literal(true), apiKey });

export const member = z
  .object({ user_id: z.string(), role, created_by: z.string(), created_at: instant })
  .openapi("Member");
export const members = z.object({ members: z.array(member), pagination });
export const removedMember = z.object({ success: z.literal(true), member });
