// How large a workflow may be when it is saved. The engine's own budgets (engine/limits.ts) are wider.

export const MAX_WORKFLOW_NODES = 5_000;
export const MAX_CONNECTIONS = 20_000;
/** As JSON. A row of D1 holds 2 MB, and the rest of the row needs some. */
export const MAX_DEFINITION_BYTES = 1_500_000;
/** Webhooks of one workflow. */
export const MAX_WEBHOOKS = 100;
