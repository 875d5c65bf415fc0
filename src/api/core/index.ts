// The Workflow Core API: /api/v1/workflows, /api/v1/status, /health, and its gRPC service.
import type { Api } from "../shared/api.ts";
import { writeError } from "./errors.ts";
import { routes } from "./routes.ts";

export const core: Api = {
  name: "core",
  prefixes: ["/api/v1/workflows", "/api/v1/status", "/health", "/workflow.v1.WorkflowService"],
  routes,
  writeError,
};
