// The parts of the Marketing API, each with its own folder, and the document made of all of them.
import { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../shared/api.ts";
import { documentOperation } from "../shared/openapi.ts";
import { routes as actions } from "./actions/routes.ts";
import { routes as conditions } from "./conditions/routes.ts";
import { routes as eventTypes } from "./event-types/routes.ts";
import { routes as events } from "./events/routes.ts";
import { routes as monitoring } from "./monitoring/routes.ts";
import { documentOf } from "./openapi.ts";
import { BASE, marketingOperations } from "./operations.ts";
import { routes as triggers } from "./triggers/routes.ts";
import { routes as workflows } from "./workflows/routes.ts";

const { routes: own, operation } = marketingOperations();

operation(documentOperation(`${BASE}/openapi.json`), (c) => c.json(documentOf(routes)));

export const routes = new OpenAPIHono<AppEnv>();
for (const part of [monitoring, events, workflows, triggers, actions, conditions, eventTypes, own])
  routes.route("/", part);
