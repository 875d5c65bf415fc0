// Conversations on the real runtime: whose a reply is, whatever comes twice, too early, too late, or from the wrong place.
import { evictDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { InboundReceipt } from "../../src/domain/contact/receive.ts";
import { conversationIdOf } from "../../src/domain/conversation/conversation-id.ts";
import { newId } from "../../src/lib/ids.ts";
import { makeActionPorts } from "../../src/objects/action-ports.ts";
import { executionStub } from "../../src/objects/execution/rpc.ts";
import { db, testEnv } from "../fixtures/identity.ts";
import { eventually } from "./kit.ts";
import { ask, booking, graphOf, greeting, keyword, message, Person, Town, word } from "./talk.ts";

const town = Town.forTests();

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
    expect(await ada.replyTo(stolen)).toEqual({ outcome: "answered", execution_id: run!.id });
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
    expect(await ada.replyTo(early!)).toMatchObject({ outcome: "answered" });
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
    expect(await ada.replyTo(refused)).toMatchObject({ outcome: "refused" });
    const given = await ada.say(other);
    expect((await ada.gets(4)).at(-1)).toBe("other");
    expect(await ada.replyTo(given)).toMatchObject({ outcome: "given_up" });
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

describe("a question", () => {
  it("that nobody answers in time lets the run go on, and a late reply is free for keywords", async () => {
    const [book, other] = [word(), word()];
    await town.publish(
      graphOf(
        {
          t: keyword(book),
          q: ask("Still there?", { timeout: 1, unit: "seconds" }),
          a: message("yes"),
          b: message("bye"),
        },
        ["t>q", "q.answered>a", "q.timeout>b"],
      ),
    );
    await town.publish(greeting(other, "other"));
    const ada = town.person();
    await ada.say(book);
    expect(await ada.gets(2)).toEqual(["Still there?", "bye"]);
    const late = await ada.say(other);
    expect((await ada.gets(3)).at(-1)).toBe("other");
    expect(await ada.replyTo(late)).toEqual({ outcome: "free" });
  });

  it("asked on WhatsApp is answered there, not by SMS, which may start something", async () => {
    const [book, other] = [word(), word()];
    await town.publish(booking(book));
    await town.publish(greeting(other, "by SMS"));
    const ada = town.person();
    await ada.say(book);
    await ada.gets(1);
    await ada.say(other, { channel: "sms" });
    expect(await ada.gets(2)).toEqual(["Name?", "by SMS"]);
    expect(town.sent.findLast(({ to }) => to === ada.phone)!.from).toBe("+15550002222");
    await ada.say("Ada");
    expect((await ada.gets(3)).at(-1)).toBe("Guests?");
  });

  it("with buttons is answered by the button's id; a button of an older question answers that one", async () => {
    const [one, two] = [word(), word()];
    const choices = (kind: string) => ["Red", "Blue"].map((title) => ({ id: `${kind}-${title}`, title, port: title }));
    const colours = (said: string, kind: string) =>
      graphOf(
        {
          t: keyword(said),
          q: ask(`${kind}?`, { choices: choices(kind), max_fails: 2, fallback: "Tap one" }),
          red: message(`${kind} red`),
          blue: message(`${kind} blue`),
        },
        ["t>q", "q.Red>red", "q.Blue>blue"],
      );
    await town.publish(colours(one, "car"));
    await town.publish(colours(two, "hat"));
    const ada = town.person();
    await ada.say(one);
    await ada.gets(1);
    await ada.say(two, { inReplyTo: "SM-of-nobody", choice: { kind: "button", id: "car-Blue", title: "Blue" } });
    expect((await ada.gets(2)).at(-1)).toBe("car blue");
    await ada.say(two);
    await ada.gets(3);
    const car = town.sent.filter(({ to }) => to === ada.phone)[2]!;
    await ada.say("Red", { inReplyTo: car.sid, choice: { kind: "button", id: "hat-Red", title: "Red" } });
    expect((await ada.gets(4)).at(-1)).toBe("hat red");
  });

  it("that is answered after days is followed by the next one: the answer has opened WhatsApp's window", async () => {
    const book = word();
    await town.publish(
      graphOf(
        { t: keyword(book), q: ask("When?", { timeout: 3, unit: "days" }), a: message("at {{ nodes.q.output.text }}") },
        ["t>q", "q.answered>a"],
      ),
    );
    const ada = town.person();
    await ada.say(book);
    await ada.gets(1);
    await eventually(
      async () =>
        (
          await db
            .prepare(
              `UPDATE conversations SET last_inbound_at = last_inbound_at - 172800000
         WHERE org_id = ?1 AND contact_id = (SELECT contact_id FROM identities WHERE org_id = ?1 AND value = ?2)`,
            )
            .bind(town.organizationId, ada.phone)
            .run()
        ).meta.changes > 0,
    );
    await ada.say("noon");
    expect((await ada.gets(2)).at(-1)).toBe("at noon");
  });

  it("that an API has started is answered from the number as its country's people write it", async () => {
    const other = word();
    await town.publish(greeting(other, "other"));
    const [workflow, ana] = [await town.publish(booking(word())), new Person(town, "+551187654321")];
    await ana.say("oi");
    const contact = { id: await ana.contactId(), phone: "+5511987654321" };
    const executionId = newId();
    const event = { id: newId(), type: "MANUAL_TRIGGER", source: "api", data: {}, occurredAt: Date.now(), contact };
    await executionStub(testEnv, executionId).start({
      ...{ executionId, ...workflow, startNodes: [], event, variables: {}, metadata: {}, dryRun: false, eventDepth: 0 },
    });
    await ana.gets(1);
    expect(await ana.replyTo(await ana.say(other))).toEqual({ outcome: "answered", execution_id: executionId });
  });

  it("of an action_wait_for_event owns the reply as well, from when the message before it has left", async () => {
    const [book, other] = [word(), word()];
    await town.publish(
      graphOf(
        {
          t: ["trigger_command", { command_name: `!${book}` }],
          q: message("Where?"),
          w: ["action_wait_for_event", { event_type: "MESSAGE_RECEIVED" }],
          a: message("to {{ nodes.w.output.data.content }}"),
        },
        ["t>q", "q>w", "w.received>a"],
      ),
    );
    const others = await town.publish(greeting(other, "other"));
    const ada = town.person();
    let answer: InboundReceipt | undefined;
    town.before = async ({ to, body }) => {
      if (to !== ada.phone || body !== "Where?") return;
      answer = await ada.say(other);
      await new Promise((resolve) => setTimeout(resolve, 300));
    };
    await ada.say(`!${book}`);
    expect((await ada.gets(2)).at(-1)).toBe(`to ${other}`);
    expect(await ada.replyTo(answer!)).toMatchObject({ outcome: "answered" });
    expect(await town.runsOf(others)).toEqual([]);
  });

  it("is not answered by HELP when the provider has answered that; by HELP alone it is", async () => {
    const book = word();
    await town.publish(booking(book));
    const ada = town.person();
    await ada.say(book);
    await ada.gets(1);
    const helped = await ada.say("HELP", { consent: "help" });
    expect((await ada.event(helped)).outcome).toMatchObject({ started: [], delivered: [], stopped: "provider" });
    await ada.say("HELP");
    await ada.gets(2);
    await ada.say("1");
    expect((await ada.gets(3)).at(-1)).toBe("HELP: 1");
  });
});

describe("an opt-out", () => {
  it("ends every talk with the person, also one that sleeps, and nothing more is sent; what never speaks goes on", async () => {
    const [book, sleep, quiet] = [word(), word(), word()];
    const asking = await town.publish(booking(book));
    const sleeping = await town.publish(
      graphOf(
        {
          t: keyword(sleep),
          a: message("soon"),
          w: ["action_delay", { duration: 1, unit: "hours" }],
          b: message("now"),
        },
        ["t>a", "a>w", "w>b"],
      ),
    );
    const silent = await town.publish(
      graphOf({ t: keyword(quiet), w: ["action_delay", { duration: 1, unit: "hours" }], e: ["flow_end"] }, [
        "t>w",
        "w>e",
      ]),
    );
    const [ada, bob] = [town.person(), town.person()];
    for (const person of [ada, bob]) {
      await person.say(sleep);
      await person.say(quiet);
      await person.gets(1);
      await person.say(book);
      await person.gets(2);
    }
    await eventually(async () => (await town.runsOf(sleeping)).length === 2);
    const stop = await ada.say("stop");
    expect((await ada.event(stop)).outcome).toMatchObject({ started: [], delivered: [], stopped: "opt_out" });
    const ended = async (workflow: typeof asking) =>
      Promise.all(
        (await town.runsOf(workflow)).map(async ({ id }) => {
          const run = (await town.read(id))!;
          return { status: run.status, error: run.error?.message ?? null };
        }),
      );
    const cancelled = { status: "cancelled", error: "The contact has opted out: stop" };
    const goesOn = { status: "waiting", error: null };
    expect(await ended(asking)).toEqual([cancelled, goesOn]);
    expect(await ended(sleeping)).toEqual([cancelled, goesOn]);
    expect(await ended(silent)).toEqual([goesOn, goesOn]);
    const free = await ada.say("Ada");
    expect((await ada.event(free)).data.reply).toBeUndefined();
    expect(ada.inbox).toEqual(["soon", "Name?"]);
    await bob.say("yes");
    expect(await bob.gets(3)).toEqual(["soon", "Name?", "Guests?"]);
  });
});

describe("a template's answer", () => {
  /** Sends the template to somebody who has written, and answers what the provider calls the message. */
  const offer = async (person: Person, contentSid: string): Promise<string> => {
    const contactId = await person.contactId();
    const executionId = newId();
    const step = {
      ...{
        key: `${executionId}:n:1`,
        executionId,
        organizationId: town.organizationId,
        workflowId: "w",
        versionId: "v",
      },
      ...{ startedAt: Date.now(), eventDepth: 0, signal: AbortSignal.timeout(60_000) },
    };
    const conversationId = await conversationIdOf(contactId, "whatsapp", town.channels.whatsapp);
    const template = { contentSid, variables: {} };
    const sent = await makeActionPorts(testEnv).messages.send(step, { text: "", contactId, conversationId, template });
    return sent.outcome === "ok" ? sent.value.providerId! : JSON.stringify(sent);
  };
  const answering = (template_id: string) =>
    graphOf({ t: ["trigger_template", { template_id }], a: message("re {{ nodes.t.output.template_id }}") }, ["t>a"]);

  it("starts its workflow by what it answers, or when the template was the last message; a question's owner goes first", async () => {
    const book = word();
    await town.publish(booking(book));
    await town.publish(answering("HXoffer"));
    const ada = town.person();
    await ada.say("hello");
    const first = await offer(ada, "HXoffer");
    expect(ada.inbox).toEqual(["[HXoffer]"]);
    await ada.say("yes please");
    expect((await ada.gets(2)).at(-1)).toBe("re HXoffer");
    const nothing = await ada.say("and?");
    expect((await ada.event(nothing)).outcome.started).toEqual([]);
    await ada.say(book);
    await ada.gets(3);
    await offer(ada, "HXoffer");
    await ada.say("Ada");
    expect((await ada.gets(5)).at(-1)).toBe("Guests?");
    await ada.say("Yes", { inReplyTo: first, choice: { kind: "button", id: "yes", title: "Yes" } });
    expect((await ada.gets(6)).at(-1)).toBe("re HXoffer");
    await ada.say("3");
    expect((await ada.gets(7)).at(-1)).toBe("Ada: 3");
  });

  it("is no longer the last message once the next one leaves, though the provider has not answered yet", async () => {
    await town.publish(answering("HXquick"));
    const ada = town.person();
    await ada.say("hello");
    await offer(ada, "HXquick");
    let again: Promise<InboundReceipt> | undefined;
    town.before = async ({ body }) => {
      if (body !== "re HXquick") return;
      again ??= ada.say("yes");
      await again;
    };
    await ada.say("yes");
    await ada.gets(2);
    const { outcome } = await ada.event(await again!);
    expect(outcome.started).toEqual([]);
  });

  it("is found by the id that the template has here, too", async () => {
    const id = newId();
    await db
      .prepare(
        `INSERT INTO templates (org_id, id, name, content, variables, content_sid, is_active, created_by, created_at, updated_at)
         VALUES (?1, ?2, 'T', 'Hi', '[]', 'HXown', 1, 'test', 1, 1)`,
      )
      .bind(town.organizationId, id)
      .run();
    await town.publish(answering(id));
    const ada = town.person();
    await ada.say("hello");
    await offer(ada, "HXown");
    await ada.say("yes please");
    expect((await ada.gets(2)).at(-1)).toBe("re HXown");
  });
});
