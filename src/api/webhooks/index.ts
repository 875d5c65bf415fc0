// Callbacks of providers (/webhooks), in the words of the Event Stream document.
import type { Api } from "../shared/api.ts";
import { writeError } from "./errors.ts";
import { routes } from "./routes.ts";

export const webhooks: Api = { name: "stream", prefixes: ["/webhooks"], routes, writeError };
