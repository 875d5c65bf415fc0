// The Enhanced Workflow System API (/api/v2).
import type { Api } from "../shared/api.ts";
import { writeError } from "./errors.ts";
import { routes } from "./routes.ts";

export const enhanced: Api = { name: "enhanced", prefixes: ["/api/v2"], routes, writeError };
