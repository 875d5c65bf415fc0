// Who listens to a workflow's live stream, and how many may.

/** Whom a stream belongs to; their role is read anew whenever it matters. `expiresAt`: when their credential ends, epoch ms. */
export type Listener = { userId: string; username: string; keyId?: string; scopes?: string[]; expiresAt?: number };

/** Streams of one workflow, and of all workflows of an organisation. */
export const MAX_LISTENERS = 250;
export const MAX_ORGANIZATION_LISTENERS = 1_000;
