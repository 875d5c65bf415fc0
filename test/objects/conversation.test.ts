// Conversations on the real runtime: whose a reply is, whatever comes twice, too early, too late, from the wrong place, or after a crash.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { InboundReceipt } from "../../src/domain/contact/receive.ts";
import type { JsonObject } from "../../src/lib/json.ts";
import { db, testEnv } from "../fixtures/identity.ts";
import { eventually } from "./kit.ts";
import { graphOf, type Person, Town } from "./talk.ts";

let town: Town;
beforeAll(async () => {
  town = await Town.found();
});
beforeEach(() => {
  town.before = async () => undefined;
  town.open();
});
afterEach(() => vi.restoreAllMocks());

let words = 0;
/** A keyword that no other test has. */
const word = () => `w${++words}x`;
const keyword = (...keywords: string[]): [string, JsonObject] => ["trigger_keyword", { keywords }];
const message = (text: string): [string, JsonObject] => ["action_chat_message", { message: text }];
const ask = (text: string, more: JsonObject = {}): [string, JsonObject] => [
  "action_question",
  { message: text, ...more },
];

/** Asks for a name and a number, which may be given wrong once, and says both. */
const booking = (said: string, prefix = "") =>
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
const greeting = (said: string, text: string) => graphOf({ t: keyword(said), hi: message(text) }, ["t>hi"]);

const replyOf = async (person: Person, receipt: InboundReceipt) => (await person.event(receipt)).data.reply;

describe("a conversation", () => {
  it("goes from the keyword to the end, and no keyword steals a question", async () => {
    const [book, other] = [word(), word()];
    const workflow = await town.publish(booking(book));
    const others = await town.publish(greeting(other, "other"));
    const ada = town.person();
    await ada.say(`I want to ${book.toUpperCase()}!`);
    expect(await ada.gets(1)).toEqual(["Name?"]);
    const stolen = await ada.say(other);
    await ada.gets(2);
    await ada.say("4");
    expect(await ada.gets(3)).toEqual(["Name?", "Guests?", `${other}: 4`]);
    const [run] = await town.runsOf(workflow);
    expect(await replyOf(ada, stolen)).toEqual({ outcome: "answered", execution_id: run!.id });
    expect((await ada.event(stolen)).outcome).toMatchObject({ started: [], delivered: [], stopped: "reply" });
    expect(await town.runsOf(others)).toEqual([]);
    const free = await ada.say(other);
    expect((await ada.gets(4)).at(-1)).toBe("other");
    expect((await ada.event(free)).outcome.started).toHaveLength(1);
  });

  it("takes an answer once that is delivered ten times at once, and again after a restart", async () => {
    const book = word();
    const workflow = await town.publish(booking(book));
    const ada = town.person();
    await ada.say(book);
    await ada.gets(1);
    const receipts = await Promise.all(
      Array.from({ length: 10 }, () => ada.say("Ada", { providerId: `SM-ten${book}` })),
    );
    expect(receipts.map(({ duplicate }) => duplicate)).toEqual([false, ...Array(9).fill(true)]);
    await ada.gets(2);
    await evictDurableObject(ada.object);
    expect((await ada.say("Ada", { providerId: `SM-ten${book}` })).duplicate).toBe(true);
    await ada.say("2");
    expect(await ada.gets(3)).toEqual(["Name?", "Guests?", "Ada: 2"]);
    const [run] = await town.runsOf(workflow);
    const journal = (await town.read(run!.id))!;
    expect(journal.path).toEqual(["t", "name", "guests", "done"]);
  });

  it("holds an answer that comes before Twilio has answered us, and gives it to that question", async () => {
    const book = word();
    await town.publish(booking(book));
    const thief = await town.publish(greeting("ada", "thief"));
    const ada = town.person();
    let early: InboundReceipt | undefined;
    town.before = async ({ to, body }) => {
      if (to !== ada.phone || body !== "Name?") return;
      early = await ada.say("Ada");
      await new Promise((resolve) => setTimeout(resolve, 300));
    };
    await ada.say(book);
    await ada.gets(2);
    await ada.say("3");
    expect(await ada.gets(3)).toEqual(["Name?", "Guests?", "Ada: 3"]);
    expect(await replyOf(ada, early!)).toMatchObject({ outcome: "answered" });
    expect(await town.runsOf(thief)).toEqual([]);
    await db.prepare("DELETE FROM subscriptions WHERE workflow_id = ?1").bind(thief.workflowId).run();
  });

  it("gives a question up at its last bad answer, which may then be a keyword", async () => {
    const [book, other] = [word(), word()];
    await town.publish(booking(book));
    await town.publish(greeting(other, "other"));
    const ada = town.person();
    await ada.say(book);
    await ada.gets(1);
    await ada.say("Ada");
    await ada.gets(2);
    const refused = await ada.say(other);
    expect(await ada.gets(3)).toEqual(["Name?", "Guests?", "A number!"]);
    expect(await replyOf(ada, refused)).toMatchObject({ outcome: "refused" });
    const given = await ada.say(other);
    expect((await ada.gets(4)).at(-1)).toBe("other");
    expect(await replyOf(ada, given)).toMatchObject({ outcome: "given_up" });
  });

  it("two people at once are never mixed, and what one person says keeps its order", async () => {
    const book = word();
    await town.publish(booking(book));
    const people = Array.from({ length: 6 }, () => town.person());
    await Promise.all(people.map((person) => person.say(book)));
    await Promise.all(people.map((person) => person.gets(1)));
    await Promise.all(people.map((person, index) => person.say(`P${index}`)));
    await Promise.all(people.map((person) => person.gets(2)));
    await Promise.all(people.map((person, index) => Promise.all([person.say(`no${index}`), person.say(`${index}`)])));
    const all = await Promise.all(people.map((person) => person.gets(4)));
    expect(all).toEqual(people.map((_, index) => ["Name?", "Guests?", "A number!", `P${index}: ${index}`]));
  });

  it("a question asked last owns the reply, and then the one before it", async () => {
    const [one, two] = [word(), word()];
    const first = graphOf(
      {
        t: keyword(one),
        wait: ["action_delay", { duration: 0, unit: "seconds" }],
        q: ask("One?"),
        a: message("one {{ nodes.q.output.text }}"),
      },
      ["t>wait", "wait>q", "q.answered>a"],
    );
    await town.publish(first);
    await town.publish(
      graphOf(
        {
          t: ["trigger_command", { command_name: `!${two}` }],
          q: ask("Two?"),
          a: message("two {{ nodes.q.output.text }}"),
        },
        ["t>q", "q.answered>a"],
      ),
    );
    const ada = town.person();
    await Promise.all([ada.say(one), ada.say(`!${two}`)]);
    const asked = await ada.gets(2);
    await ada.say("x");
    await ada.gets(3);
    await ada.say("y");
    const [firstAnswer, secondAnswer] = (await ada.gets(4)).slice(2);
    const order = asked.map((text) => text.toLowerCase().replace("?", "")).reverse();
    expect([firstAnswer, secondAnswer]).toEqual([`${order[0]} x`, `${order[1]} y`]);
  });
});

describe("a conversation after a crash", () => {
  it("between the run's answer and the contact's commit: the run knows it, and the next question does not get it", async () => {
    const book = word();
    const workflow = await town.publish(booking(book));
    const ada = town.person();
    await ada.say(book);
    await ada.gets(1);
    let kept: [string, unknown][] = [];
    const keys = ["owners", "turn"];
    // What a life leaves that dies right behind the run's answer: all that it had before.
    town.before = async ({ body }) => {
      if (body !== "Guests?") return;
      await new Promise((resolve) => setTimeout(resolve, 300));
    };
    const before = await runInDurableObject(ada.object, (_, { storage }) =>
      keys.map((key) => [key, storage.kv.get(key)] as [string, unknown]),
    );
    const answer = await ada.say("Ada");
    await ada.gets(2);
    const { eventId } = answer;
    const event = await eventually(
      () => db.prepare("SELECT * FROM events WHERE id = ?1").bind(eventId).first<Record<string, string>>(),
      20_000,
    );
    kept = before;
    await runInDurableObject(ada.object, (_, { storage }) => {
      const turn = Number(kept[1]![1]) + 1;
      const [owner] = kept[0]![1] as { executionId: string; turn: number }[];
      const owners = storage.kv.get<{ turn: number }[]>("owners") ?? [];
      storage.kv.put(
        "owners",
        owners.map((one) => ({ ...one, from: owner!.turn })),
      );
      const { reply: _reply, ...data } = JSON.parse(event.data!) as JsonObject;
      const said = {
        id: `${eventId}`,
        organizationId: town.organizationId,
        type: "MESSAGE_RECEIVED",
        source: "twilio",
        contactId: event.contact_id,
        conversationId: event.conversation_id,
        data,
        occurredAt: Number(event.occurred_at),
        depth: 0,
      };
      storage.kv.put(`said:${turn}`, { event: said, dedupeKey: `again:${eventId}`, turn, asked: false });
    });
    await evictDurableObject(ada.object);
    const last = await ada.say("5");
    expect(await ada.gets(3)).toEqual(["Name?", "Guests?", "Ada: 5"]);
    expect(await replyOf(ada, last)).toMatchObject({ outcome: "answered" });
    const [run] = await town.runsOf(workflow);
    expect((await town.read(run!.id))!.path).toEqual(["t", "name", "guests", "done"]);
  });

  it("of the run while its question is on its way: what was said meanwhile answers it", async () => {
    const book = word();
    const workflow = await town.publish(booking(book));
    const ada = town.person();
    await ada.say(book);
    await ada.gets(1);
    const [run] = await eventually(async () => {
      const runs = await town.runsOf(workflow);
      return runs.length > 0 && runs;
    });
    const stub = () => testEnv.EXECUTION.get(testEnv.EXECUTION.idFromName(run!.id));
    let killed = false;
    town.before = async ({ to, body }) => {
      if (to !== ada.phone || body !== "Guests?" || killed) return;
      killed = true;
      await ada.say("7");
      await runInDurableObject(stub(), (_, state) => state.abort("killed")).catch(() => undefined);
      throw new TypeError("network connection lost");
    };
    await ada.say("Ada");
    await eventually(async () => killed, 20_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await eventually(async () => {
      await town.read(run!.id).catch(() => null);
      return ada.inbox.some((text) => text.startsWith("Ada: "));
    }, 50_000);
    expect(ada.inbox.at(-1)).toBe("Ada: 7");
  });
});
