// The parts of the Event Stream API, each with its own folder, and the document made of all of them.
import { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../shared/api.ts";
import { documentOperation } from "../shared/openapi.ts";
import { routes as campaigns } from "./campaigns/routes.ts";
import { routes as monitoring } from "./monitoring/routes.ts";
import { documentOf } from "./openapi.ts";
import { streamOperations } from "./operations.ts";
import { routes as reporting } from "./reporting/routes.ts";
import { routes as segments } from "./segments/routes.ts";
import { routes as templates } from "./templates/routes.ts";
import { routes as users } from "./users/routes.ts";

const { routes: own, operation } = streamOperations();

operation(documentOperation("/api/v1/openapi.json"), (c) => c.json(documentOf(routes)));

export const routes = new OpenAPIHono<AppEnv>();
for (const part of [users, campaigns, templates, segments, reporting, monitoring, own]) routes.route("/", part);
