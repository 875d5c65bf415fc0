// The parts of this API, each with its own folder, and the document made of all of them. A handler is parse, convert, verb, convert.
import { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../shared/api.ts";
import { documentOperation } from "../shared/openapi.ts";
import { routes as actions } from "./actions/routes.ts";
import { routes as analytics } from "./analytics/routes.ts";
import { routes as channels } from "./channels/routes.ts";
import { routes as config } from "./config/routes.ts";
import { routes as contacts } from "./contacts/routes.ts";
import { routes as deliveries } from "./deliveries/routes.ts";
import { routes as executions } from "./executions/routes.ts";
import { routes as identity } from "./identity/routes.ts";
import { routes as messages } from "./messages/routes.ts";
import { documentOf } from "./openapi.ts";
import { authenticated, BASE, countUnknown, enhancedOperations } from "./operations.ts";
import { routes as organization } from "./organization/routes.ts";
import { routes as queue } from "./queue/routes.ts";
import { routes as records } from "./records/routes.ts";
import { routes as stream } from "./stream/routes.ts";
import { routes as templates } from "./templates/routes.ts";
import { routes as triggers } from "./triggers/routes.ts";
import { routes as variables } from "./variables/routes.ts";
import { routes as webhooks } from "./webhooks/routes.ts";
import { routes as workflows } from "./workflows/routes.ts";

const { routes: document, operation } = enhancedOperations();

operation(documentOperation(`${BASE}/openapi.json`), async (c) => {
  await countUnknown(c);
  return c.json(documentOf(routes));
});

export const routes = new OpenAPIHono<AppEnv>();
for (const part of [
  document,
  actions,
  analytics,
  config,
  executions,
  queue,
  stream,
  workflows,
  templates,
  triggers,
  variables,
  deliveries,
  webhooks,
  channels,
  contacts,
  messages,
  identity,
  organization,
  records,
])
  routes.route("/", part);
// Last: whoever asks for what there is not is asked who they are first.
routes.use(`${BASE}/*`, authenticated);
