// transactionCount: how often contacts entered a node since the flow was first published, whatever way the reports of their runs take.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { contactObjectName, type InboundMessage } from "../../../src/domain/contact/receive.ts";
import { newId } from "../../../src/lib/ids.ts";
import { executionStub } from "../../../src/objects/execution/rpc.ts";
import { contactStub } from "../../../src/objects/rpc.ts";
import { db, testEnv } from "../../fixtures/identity.ts";
import { WORKFLOWS } from "../core/kit.ts";
import { call, detail, makeUser, publishedFlow, setStatus, type Tenant, until } from "./kit.ts";

let user: Tenant;
beforeAll(async () => {
  user = await makeUser();
});

/** A busy machine must not fail a test. */
const PATIENCE_MS = 30_000;

let numbers = 14155557000;
const newPhone = () => `+${++numbers}`;

const say = (phone: string, text: string) => {
  const from = { kind: "phone", value: phone } as const;
  const message: InboundMessage = {
    organizationId: user.organizationId,
    source: "twilio",
    message: {
      fact: "message_received",
      channel: "whatsapp",
      providerId: `SM${newId()}`,
      from,
      to: "+15551234567",
      text,
      media: [],
    },
  };
  return contactStub(testEnv, contactObjectName(user.organizationId, from)).receive(message);
};

/** Somebody has been sent this text, and the run has moved on to wait. */
const told = (phone: string, body: string) =>
  until(
    async () => ({ status: 200, headers: new Headers(), body: await messagesTo(phone) }),
    ({ body: sent }) => sent.includes(body),
    PATIENCE_MS,
  );
const messagesTo = async (phone: string): Promise<string[]> => {
  const { results } = await db
    .prepare(
      "SELECT body FROM messages WHERE org_id = ?1 AND recipient = ?2 AND direction = 'outbound' AND status <> 'scheduled'",
    )
    .bind(user.organizationId, phone)
    .all<{ body: string }>();
  return results.map(({ body }) => body);
};

const text = (data: string) => [{ flowReplyType: "Text", data, caption: "", mimeType: "" }];
/** Asks until somebody says "stop it", and tells after each answer. */
const asking = (keyword: string) => ({
  name: "Asking",
  flowNodes: [
    { id: "start", type: "trigger_keyword", isStartNode: true, triggerKeywords: [keyword] },
    { id: "hello", type: "message", flowReplies: text("Hello") },
    {
      id: "ask",
      type: "question",
      flowReplies: text("How many?"),
      userInputVariable: "@many",
      answerValidation: { type: "Number", fallback: "A number, please", failsCount: "3" },
    },
    {
      id: "enough",
      type: "condition",
      flowNodeConditions: [{ id: "c", flowConditionType: "GreaterThan", variable: "@many", value: "9" }],
      conditionResult: [
        { id: "t", expectedInput: "true", nodeResultId: "bye" },
        { id: "f", expectedInput: "false", nodeResultId: "ask", isDefault: true },
      ],
    },
    { id: "bye", type: "message", flowReplies: text("Enough") },
  ],
  flowEdges: [
    { id: "1", sourceNodeId: "start", targetNodeId: "hello" },
    { id: "2", sourceNodeId: "hello", targetNodeId: "ask" },
    { id: "3", sourceNodeId: "ask", targetNodeId: "enough" },
  ],
});

const countsOf = async (id: string): Promise<Record<string, number>> => {
  const { flowNodes } = await detail(user, id);
  return Object.fromEntries(
    flowNodes.map((node: { id: string; transactionCount: number }) => [node.id, node.transactionCount]),
  );
};
const counted = (id: string, wanted: Record<string, number>) =>
  until(
    async () => ({ status: 200, headers: new Headers(), body: await countsOf(id) }),
    ({ body }) => JSON.stringify(body) === JSON.stringify(wanted),
    PATIENCE_MS,
  );

const contactOf = async (phone: string): Promise<string> => {
  const find = () =>
    db
      .prepare("SELECT contact_id FROM identities WHERE org_id = ?1 AND value = ?2")
      .bind(user.organizationId, phone)
      .first<string>("contact_id");
  const { body } = await until(
    async () => ({ status: 200, headers: new Headers(), body: await find() }),
    ({ body }) => body !== null,
  );
  return body;
};

const executionOf = (id: string) =>
  db
    .prepare("SELECT id, seq, entries FROM executions WHERE org_id = ?1 AND workflow_id = ?2")
    .bind(user.organizationId, id)
    .first<{ id: string; seq: number; entries: string }>();

describe("transactionCount", () => {
  it("counts each contact's entries while conversations wait and when they end, loops and versions included", async () => {
    const id = await publishedFlow(user, asking("count"));
    expect(await countsOf(id)).toEqual({ start: 0, hello: 0, ask: 0, enough: 0, bye: 0 });
    const [anna, ben] = [newPhone(), newPhone()];
    await say(anna, "count");
    await counted(id, { start: 1, hello: 1, ask: 1, enough: 0, bye: 0 });
    await say(ben, "Count");
    await counted(id, { start: 2, hello: 2, ask: 2, enough: 0, bye: 0 });
    // A bad answer is asked again without a new entry; a small number leads back to the question.
    await say(anna, "many");
    await told(anna, "A number, please");
    await say(anna, "3");
    await counted(id, { start: 2, hello: 2, ask: 3, enough: 1, bye: 0 });
    // A new version: who is in a conversation stays on the old one, and counts on.
    const { flowNodes } = asking("count");
    const put = await call(user, "PUT", `/flow/update/${id}`, {
      flowNodes: [...flowNodes.filter((node) => node.id !== "hello"), { ...flowNodes[1], flowReplies: text("Hi") }],
    });
    expect(put.status).toBe(200);
    await say(anna, "12");
    await counted(id, { start: 2, ask: 3, enough: 2, bye: 1, hello: 2 });
    await setStatus(user, id, "stop");
    await say(ben, "10");
    await counted(id, { start: 2, ask: 3, enough: 3, bye: 2, hello: 2 });
    expect((await setStatus(user, id, "published")).body.flowNodes[0]).not.toHaveProperty("transactionCount");
  });

  it("loses nothing that a queue forgot: the next life of a waiting run tells it again", async () => {
    const id = await publishedFlow(user, asking("lost"));
    await say(newPhone(), "lost");
    const counts = { start: 1, hello: 1, ask: 1, enough: 0, bye: 0 };
    await counted(id, counts);
    const { id: executionId } = (await executionOf(id))!;
    const stub = executionStub(testEnv, executionId);
    // It waits, listens, and has said so.
    const { body: run } = await until(
      async () => ({ status: 200, headers: new Headers(), body: await executionOf(id) }),
      async ({ body }) => {
        const journal = (await stub.journal(user.organizationId))!;
        const isListening = journal.some(({ input }) => (input as { type: string }).type === "listening");
        return isListening && journal.at(-1)!.seq === body.seq;
      },
    );
    expect(JSON.parse(run.entries)).toEqual({ start: 1, hello: 1, ask: 1 });
    const object = testEnv.EXECUTION.get(testEnv.EXECUTION.idFromName(run.id));
    // As if the report had never come, and the process had died with the queue.
    await db.batch([
      db.prepare("UPDATE executions SET seq = 0, entries = NULL WHERE id = ?1").bind(run.id),
      db.prepare("DELETE FROM node_entries WHERE workflow_id = ?1").bind(id),
    ]);
    expect(await countsOf(id)).toMatchObject({ start: 0, ask: 0 });
    const alarm = await runInDurableObject(object, (_, state) => state.storage.getAlarm());
    expect(alarm! - Date.now()).toBeLessThan(6_000);
    await evictDurableObject(object);
    await runDurableObjectAlarm(object);
    await counted(id, counts);
    expect((await executionOf(id))!.seq).toBe(run.seq);
  });

  it("leaves out who was there before the first publication, and runs about nobody", async () => {
    const flow = asking("early");
    const id = (await call(user, "POST", "/flow/create", flow)).body.id;
    const phone = newPhone();
    await say(phone, "Hello");
    const contactId = await contactOf(phone);
    const execute = (contact_id?: string) => call(user, "POST", `${WORKFLOWS}/${id}/execute`, { contact_id });
    expect((await execute(contactId)).status).toBe(202);
    await until(
      async () => ({ status: 200, headers: new Headers(), body: await executionOf(id) }),
      ({ body }) => body?.entries != null,
    );
    expect((await setStatus(user, id, "published")).status).toBe(200);
    expect(await countsOf(id)).toEqual({ start: 0, hello: 0, ask: 0, enough: 0, bye: 0 });
    expect((await execute()).status).toBe(202);
    expect((await execute(contactId)).status).toBe(202);
    await counted(id, { start: 1, hello: 1, ask: 1, enough: 0, bye: 0 });
  });
});
