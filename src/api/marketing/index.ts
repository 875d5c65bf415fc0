// The Marketing Workflow API (/api/v1/workflow/api): triggers, actions and conditions that are joined to workflows.
import type { Api } from "../shared/api.ts";
import { writeError } from "./errors.ts";
import { BASE } from "./operations.ts";
import { routes } from "./routes.ts";

export const marketing: Api = { name: "marketing", prefixes: [BASE], routes, writeError };
