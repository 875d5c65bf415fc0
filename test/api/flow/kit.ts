// The flow API as a client sees it: the real worker, its real objects and queues.
import { join, makeOrganization, type Tenant } from "../../fixtures/identity.ts";
import { type Answer, call, until } from "../core/kit.ts";

export { type Answer, call, type Tenant, until };

const named = (who: Tenant): Tenant => ({ ...who, headers: { ...who.headers, "x-user-id": who.userId } });

let lastUser = 70_000;
/** Users of the flow API have whole numbers for ids. */
export const nextUser = (): string => String(++lastUser);

export const makeUser = async (): Promise<Tenant> => named(await makeOrganization(nextUser()));
export const makeColleague = async ({ organizationId }: Tenant, role: Parameters<typeof join>[2] = "editor") =>
  named(await join(organizationId, nextUser(), role));

const at = (posX: string, posY: string) => ({ posX, posY });

/** Two nodes of the document's own example. */
export const greeting = {
  name: "My Flow",
  flowNodes: [
    {
      id: "trigger-keyword-node-123",
      type: "trigger_keyword",
      flowNodeType: "Trigger",
      flowNodePosition: at("-172.05", "-174.58"),
      isStartNode: true,
      triggerKeywords: ["hello", "hi"],
    },
    {
      id: "message-node-456",
      type: "message",
      flowNodeType: "Message",
      flowNodePosition: at("128.18", "-164.33"),
      isStartNode: false,
      flowReplies: [{ flowReplyType: "Text", data: "Hello! How can I help you?", caption: "", mimeType: "" }],
    },
  ],
  flowEdges: [{ id: "edge-123", sourceNodeId: "trigger-keyword-node-123", targetNodeId: "message-node-456" }],
  transform: { posX: "-291.90", posY: "181.90", zoom: "0.56" },
  isPro: false,
  brand_id: 1,
};

export const makeFlow = async (who: Tenant, over: object = {}): Promise<string> => {
  const { status, body } = await call(who, "POST", "/flow/create", { ...greeting, ...over });
  if (status !== 201) throw new Error(`could not make it: ${status} ${JSON.stringify(body)}`);
  return body.id;
};

export const setStatus = (who: Tenant, id: string, status: unknown) =>
  call(who, "POST", `/flow/status/${id}`, { status });

export const publishedFlow = async (who: Tenant, over: object = {}): Promise<string> => {
  const id = await makeFlow(who, over);
  const { status, body } = await setStatus(who, id, "published");
  if (status !== 200) throw new Error(`could not publish it: ${status} ${JSON.stringify(body)}`);
  return id;
};

export const detail = async (who: Tenant, id: string) => (await call(who, "GET", `/flow/detail/${id}`)).body;
