// The Event Stream Engine API (/api/v1), but for its callbacks (api/webhooks) and for what longer prefixes give to others.
import type { Api } from "../shared/api.ts";
import { writeError } from "./errors.ts";
import { routes } from "./routes.ts";

export const stream: Api = { name: "stream", prefixes: ["/api/v1"], routes, writeError };
