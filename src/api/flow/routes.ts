// A route an operation. A handler is parse, convert, verb, convert.
import { acceptFlow } from "../../domain/flow/accept-flow.ts";
import { createFlow } from "../../domain/flow/create-flow.ts";
import { deleteFlow } from "../../domain/flow/delete-flow.ts";
import { publishFlow } from "../../domain/flow/publish-flow.ts";
import { listFlows, readFlowDetail } from "../../domain/flow/read-flows.ts";
import { stopFlow } from "../../domain/flow/stop-flow.ts";
import { updateFlow } from "../../domain/flow/update-flow.ts";
import { createImportedFlow } from "../../domain/flow-import/create-imported-flow.ts";
import { documentOperation } from "../shared/openapi.ts";
import { type Operation, operations } from "../shared/operation.ts";
import { detailOf, flowOf, withWarnings } from "./convert.ts";
import { identified } from "./identify.ts";
import { importBody, importedFlow, MAX_EXPORT_BYTES } from "./import-schema.ts";
import { documentOf } from "./openapi.ts";
import * as schema from "./schema.ts";
import { streamList } from "./stream-list.ts";

const { routes, operation } = operations(schema.errorAnswer, identified);

export { routes };

routes.openAPIRegistry.register("FlowContent", schema.flowContent);

const ALWAYS = [401, 403, 500] as const;
const tag = "Flows";
/** Every operation but the document's is some user's. */
const headers: Operation<undefined, undefined>["headers"] = {
  "x-user-id": "The user, a whole number. Required",
  "X-Gateway-Secret": "Of a trusted gateway, instead of a token",
  "X-Organization-ID": "Chooses among the user's organizations",
};

operation(documentOperation("/flow/openapi.json"), (c) => c.json(documentOf(routes)));

operation(
  {
    method: "get",
    path: "/flow/list",
    summary: "List the user's flows",
    tag,
    headers,
    answers: { 200: schema.flowList },
    errors: ALWAYS,
  },
  (c) => streamList(c, listFlows(c.var.context), flowOf),
);

operation(
  {
    method: "get",
    path: "/flow/detail/{flow_id}",
    summary: "Get a flow, with how often contacts entered its nodes",
    tag,
    headers,
    answers: { 200: schema.flowData },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => {
    const { flow, entries } = await readFlowDetail(c.var.context, params.flow_id);
    return c.json(detailOf(flow, entries));
  },
);

operation(
  {
    method: "post",
    path: "/flow/status/{flow_id}",
    summary: "Publish or stop a flow",
    tag,
    headers,
    body: schema.statusBody,
    answers: { 200: schema.flowData },
    errors: [400, ...ALWAYS, 404, 409],
  },
  async (c, { body, params }) => {
    const id = params.flow_id;
    if (body.status === "stop") return c.json(flowOf(await stopFlow(c.var.context, id)));
    const { flow, warnings } = await publishFlow(c.var.context, id);
    return c.json(withWarnings(flowOf(flow), warnings));
  },
);

operation(
  {
    method: "post",
    path: "/flow/create",
    summary: "Create a flow, as a draft",
    tag,
    headers,
    body: schema.flowBody,
    answers: { 201: schema.flowData },
    errors: [400, ...ALWAYS, 413],
  },
  async (c, { body }) => {
    const { context } = c.var;
    const content = acceptFlow(body, { status: "draft", user_id: Number(context.principal.userId) });
    return c.json(flowOf(await createFlow(context, content)), 201);
  },
);

operation(
  {
    method: "post",
    path: "/flow/import",
    summary: "Import a flow from another product's export, as a draft, with a report of each part",
    tag,
    headers,
    body: importBody,
    maxBytes: MAX_EXPORT_BYTES,
    answers: { 201: importedFlow },
    errors: [400, ...ALWAYS, 413],
  },
  async (c, { body }) => {
    const { flow, origin, report } = await createImportedFlow(c.var.context, body);
    return c.json({ ...flowOf(flow), origin, report }, 201);
  },
);

operation(
  {
    method: "put",
    path: "/flow/update/{flow_id}",
    summary: "Change a flow's content, in any status",
    tag,
    headers,
    body: schema.flowBody,
    answers: { 200: schema.flowData },
    errors: [400, ...ALWAYS, 404, 409, 413],
  },
  async (c, { body, params }) => {
    const { flow, warnings } = await updateFlow(c.var.context, params.flow_id, body);
    return c.json(withWarnings(flowOf(flow), warnings));
  },
);

operation(
  {
    method: "delete",
    path: "/flow/delete/{flow_id}",
    summary: "Delete a flow",
    tag,
    headers,
    answers: { 200: schema.deletedFlow },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => {
    const id = params.flow_id;
    await deleteFlow(c.var.context, id);
    return c.json({ id, deleted: true });
  },
);
