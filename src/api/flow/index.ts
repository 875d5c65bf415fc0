// The Flow API (/flow): chatbots that talk to one contact, drawn as a graph.
import type { Api } from "../shared/api.ts";
import { writeError } from "./errors.ts";
import { routes } from "./routes.ts";

export const flow: Api = { name: "flow", prefixes: ["/flow"], routes, writeError };
