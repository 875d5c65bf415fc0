// Both sides of conversations on the real runtime: an organisation with its WhatsApp and SMS numbers at a Twilio that the test plays, workflows that are
// published, and people who write.
import { afterEach, beforeAll, beforeEach, vi } from "vitest";
import type { MessageReceived } from "../../src/channels/channel.ts";
import { credentialsField } from "../../src/domain/channel/channel.ts";
import { contactObjectName, type InboundReceipt } from "../../src/domain/contact/receive.ts";
import type { Definition } from "../../src/engine/contract.ts";
import { newId } from "../../src/lib/ids.ts";
import type { Json, JsonObject } from "../../src/lib/json.ts";
import { executionStub } from "../../src/objects/execution/rpc.ts";
import { makePorts } from "../../src/objects/ports.ts";
import { contactStub } from "../../src/objects/rpc.ts";
import { triggerTypes } from "../../src/triggers/index.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { eventually, makeWorkflow, type TestWorkflow } from "./kit.ts";

export type Sent = { sid: string; to: string; from: string; body: string; at: number };

const SENDERS = { whatsapp: "+15550001111", sms: "+15550002222" } as const;
let numbers = 14155570000;

export class Town {
  organizationId = "";
  readonly channels = { whatsapp: newId(), sms: newId() };
  /** What Twilio was asked to send, in order. */
  readonly sent: Sent[] = [];
  /** What happens before Twilio answers. */
  before: (message: Sent) => Promise<void> = async () => undefined;

  /** The town of a file's tests: founded once, open and undisturbed before each. */
  static forTests(): Town {
    const town = new Town();
    beforeAll(() => town.found());
    beforeEach(() => {
      town.before = async () => undefined;
      town.open();
    });
    afterEach(() => vi.restoreAllMocks());
    return town;
  }

  async found(): Promise<void> {
    const { organizationId } = await makeOrganization();
    this.organizationId = organizationId;
    for (const kind of ["whatsapp", "sms"] as const) {
      const id = this.channels[kind];
      const credentials = JSON.stringify({ authToken: "t" });
      const sealed = await makePorts(testEnv).secrets.encrypt(organizationId, credentialsField(id), credentials);
      await db
        .prepare(
          `INSERT INTO channels (org_id, id, kind, provider, name, sender, credentials_sealed, settings, rate, created_by, created_at, updated_at)
           VALUES (?1, ?2, ?3, 'twilio', 'c', ?4, ?5, '{"accountSid":"AC1","apiBaseUrl":"https://twilio.test"}', 1000, 'test', 1, 1)`,
        )
        .bind(organizationId, id, kind, SENDERS[kind], sealed)
        .run();
    }
  }

  /** Answers for Twilio from now on. */
  open(): void {
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const request = new Request(input as RequestInfo, init as RequestInit);
      if (!request.url.includes("/Messages.json"))
        return Response.json({ sid: `HX${newId().replaceAll("-", "")}` }, { status: 201 });
      if (request.method === "GET") {
        const wanted = new URL(request.url).searchParams.get("To");
        return Response.json({ messages: this.sent.map(listed).filter(({ to }) => to === wanted) });
      }
      const form = new URLSearchParams(new TextDecoder().decode(await request.arrayBuffer()));
      const message = {
        sid: `SM${newId()}`,
        to: form.get("To")!.replace("whatsapp:", ""),
        from: form.get("From")!,
        body: form.get("Body") ?? `[${form.get("ContentSid")}]`,
        at: Date.now(),
      };
      this.sent.push(message);
      await this.before(message);
      return Response.json({ sid: message.sid, status: "queued" }, { status: 201 });
    });
  }

  /** Listens as publishing makes it listen. */
  async publish(definition: Definition): Promise<TestWorkflow> {
    const workflow = await makeWorkflow(this.organizationId, definition);
    for (const [id, { type, config }] of Object.entries(definition.nodes)) {
      for (const terms of triggerTypes.get(type)?.subscriptions(config) ?? [])
        await db
          .prepare(
            `INSERT INTO subscriptions (org_id, event_type, match_key, workflow_id, version_id, node_ids, trigger_type, filters, terms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
          )
          .bind(
            ...[workflow.organizationId, terms.eventType, terms.matchKey, workflow.workflowId, workflow.versionId],
            ...[JSON.stringify([id]), type, terms.filters && JSON.stringify(terms.filters)],
            terms.terms ? JSON.stringify(terms.terms) : null,
          )
          .run();
    }
    return workflow;
  }

  person(): Person {
    return new Person(this, `+${++numbers}`);
  }

  /** Runs of a workflow, the first one first, as the index has them. */
  async runsOf({ workflowId }: TestWorkflow): Promise<{ id: string; status: string }[]> {
    const { results } = await db
      .prepare("SELECT id, status FROM executions WHERE org_id = ?1 AND workflow_id = ?2 ORDER BY id")
      .bind(this.organizationId, workflowId)
      .all<{ id: string; status: string }>();
    return results;
  }

  read(executionId: string) {
    return executionStub(testEnv, executionId).read(this.organizationId);
  }
}

/** A message as Twilio lists it. */
const listed = ({ sid, to, from, body, at }: Sent) => ({
  ...{ sid, to: from.startsWith("whatsapp:") ? `whatsapp:${to}` : to, from, body, status: "queued", num_media: "0" },
  ...{ direction: "outbound-api", date_created: new Date(at).toUTCString() },
});

export class Person {
  readonly phone: string;
  readonly #town: Town;

  constructor(town: Town, phone: string) {
    this.#town = town;
    this.phone = phone;
  }

  get objectName(): string {
    return contactObjectName(this.#town.organizationId, { kind: "phone", value: this.phone });
  }

  get object() {
    return testEnv.CONTACT.get(testEnv.CONTACT.idFromName(this.objectName));
  }

  say(text: string, more: Partial<MessageReceived> = {}): Promise<InboundReceipt> {
    const { organizationId, channels } = this.#town;
    const channel = (more.channel ?? "whatsapp") as "whatsapp" | "sms";
    return contactStub(testEnv, this.objectName).receive({
      organizationId,
      source: "twilio",
      channelId: channels[channel],
      message: {
        fact: "message_received",
        channel,
        providerId: `SM${newId()}`,
        from: { kind: "phone", value: this.phone },
        to: SENDERS[channel],
        text,
        media: [],
        ...more,
      },
    });
  }

  /** Whom their number leads to, once the stream knows the conversation that they have begun. */
  async contactId(): Promise<string> {
    const ask = () =>
      db
        .prepare(
          `SELECT contact_id AS id FROM identities JOIN conversations USING (org_id, contact_id)
           WHERE org_id = ?1 AND value = ?2`,
        )
        .bind(this.#town.organizationId, this.phone)
        .first<string>("id");
    return eventually(ask, 20_000);
  }

  /** What they got so far. */
  get inbox(): string[] {
    return this.#town.sent.filter(({ to }) => to === this.phone).map(({ body }) => body);
  }

  /** Until they have got so many messages. */
  async gets(count: number): Promise<string[]> {
    await eventually(async () => this.inbox.length >= count, 20_000).catch((error) => {
      throw new Error(`${error}: ${JSON.stringify(this.inbox)}`);
    });
    return this.inbox;
  }

  /** The event of what they said, once the stream has processed it. */
  async event({ eventId }: InboundReceipt): Promise<{ data: JsonObject; outcome: JsonObject }> {
    const row = await eventually(
      () =>
        db
          .prepare("SELECT data, outcome FROM events WHERE id = ?1 AND outcome IS NOT NULL")
          .bind(eventId)
          .first<{ data: string; outcome: string }>(),
      20_000,
    );
    return { data: JSON.parse(row.data), outcome: JSON.parse(row.outcome) };
  }

  /** What the event says of whose reply it was. */
  async replyTo(receipt: InboundReceipt): Promise<Json | undefined> {
    return (await this.event(receipt)).data.reply;
  }
}

/** A graph of nodes by id, joined by `from.port>to` (the port is `output` without one). */
export const graphOf = (nodes: Record<string, [type: string, config?: JsonObject]>, ways: string[]): Definition => ({
  nodes: Object.fromEntries(Object.entries(nodes).map(([id, [type, config = {}]]) => [id, { type, config }])),
  edges: ways.map((way, index) => {
    const [from = "", to = ""] = way.split(">");
    const [node = "", port = "output"] = from.split(".");
    return { id: `e${index}`, from: node, fromPort: port, to, toPort: "input" };
  }),
  variables: {},
});

let words = 0;
/** A keyword that no other test has. */
export const word = () => `w${++words}x`;
export const keyword = (...keywords: string[]): [string, JsonObject] => ["trigger_keyword", { keywords }];
export const message = (text: string): [string, JsonObject] => ["action_chat_message", { message: text }];
export const ask = (text: string, more: JsonObject = {}): [string, JsonObject] => [
  "action_question",
  { message: text, ...more },
];

/** Asks for a name and a number, which may be given wrong once, and says both. */
export const booking = (said: string, prefix = "") =>
  graphOf(
    {
      t: keyword(said),
      name: ask(`${prefix}Name?`, { variable: "name" }),
      guests: ask(`${prefix}Guests?`, {
        variable: "guests",
        answer_type: "number",
        max_fails: 2,
        fallback: "A number!",
      }),
      again: ask(`${prefix}Guests?`, {
        variable: "guests",
        answer_type: "number",
        max_fails: 2,
        fallback: "A number!",
      }),
      done: message(`${prefix}{{ variables.name }}: {{ variables.guests }}`),
    },
    ["t>name", "name.answered>guests", "guests.answered>done", "guests.invalid>again", "again.answered>done"],
  );
export const greeting = (said: string, text: string) => graphOf({ t: keyword(said), hi: message(text) }, ["t>hi"]);
