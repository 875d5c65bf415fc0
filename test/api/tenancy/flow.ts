// The flow API.
import type { Tenant } from "../../fixtures/identity.ts";
import { call, type Entry, made } from "./kit.ts";

/** Two nodes that talk to whoever says the word. */
const aFlow = async (owner: Tenant) => {
  const flowNodes = [
    { id: "t", type: "trigger_keyword", isStartNode: true, triggerKeywords: ["tenancy"] },
    { id: "m", type: "message", flowReplies: [{ flowReplyType: "Text", data: "Hello" }] },
  ];
  const flowEdges = [{ id: "e", sourceNodeId: "t", targetNodeId: "m" }];
  const { id } = await made(call(owner, "POST", "/flow/create", { name: "f", flowNodes, flowEdges }));
  return { flow_id: id! };
};

export const flow: Record<string, Entry> = {
  "GET /flow/detail/:flow_id": { make: aFlow },
  "POST /flow/status/:flow_id": { make: aFlow, body: { status: "published" } },
  "PUT /flow/update/:flow_id": { make: aFlow, body: { name: "x" } },
  "DELETE /flow/delete/:flow_id": { make: aFlow },
};
