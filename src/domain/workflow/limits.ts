// How large a workflow may be when it is saved. The engine's own budgets (engine/limits.ts) are wider.

export const MAX_WORKFLOW_NODES = 5_000;
export const MAX_CONNECTIONS = 20_000;
/** As JSON. A row of D1 holds 2 MB, and the rest of the row needs some. */
export const MAX_DEFINITION_BYTES = 1_500_000;
/**
 * What the subscriptions of one workflow, and of all active ones of an organisation, take as JSON. The consumer of events has in memory at
 * once what every organisation in a batch listens with, in an isolate of 128 MB.
 */
export const MAX_LISTENING_BYTES = 250_000;
export const MAX_LISTENING_BYTES_IN_ALL = 5_000_000;
/** Counted for each subscription beside its filters. */
export const SUBSCRIPTION_BYTES = 200;
/** Webhooks of one workflow. */
export const MAX_WEBHOOKS = 100;
