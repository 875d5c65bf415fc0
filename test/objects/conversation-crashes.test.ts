// Conversations in which something dies or will not take what it is given: nobody is heard twice, and nothing that was said is lost.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { DomainError } from "../../src/domain/errors.ts";
import { MAX_EVENT_BYTES } from "../../src/domain/event.ts";
import type { JsonObject } from "../../src/lib/json.ts";
import { Outbox } from "../../src/objects/outbox.ts";
import { db, testEnv } from "../fixtures/identity.ts";
import { eventually } from "./kit.ts";
import { booking, Town, word } from "./talk.ts";

const town = Town.forTests();

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
    expect(await ada.replyTo(last)).toMatchObject({ outcome: "answered" });
    const [run] = await town.runsOf(workflow);
    expect((await town.read(run!.id))!.path).toEqual(["t", "name", "guests", "done"]);
  });

  it("that an outbox does not take keeps what was said until it does, and refuses at once what it never would", async () => {
    const book = word();
    await town.publish(booking(book));
    const ada = town.person();
    await ada.say(book);
    await ada.gets(1);
    const { accept } = Outbox.prototype;
    let isFull = true;
    vi.spyOn(console, "error").mockImplementation(() => {});
    vi.spyOn(Outbox.prototype, "accept").mockImplementation(function (this: Outbox, event, ...rest) {
      if (isFull && event.data.reply !== undefined) throw new DomainError("unavailable", "Too many events wait");
      return accept.call(this, event, ...rest);
    });
    const answer = await ada.say("Ada");
    await ada.gets(2);
    await new Promise((resolve) => setTimeout(resolve, 200));
    isFull = false;
    expect(await ada.replyTo(answer)).toMatchObject({ outcome: "answered" });
    expect(await ada.gets(2)).toEqual(["Name?", "Guests?"]);
    const refused = await ada.say("x".repeat(MAX_EVENT_BYTES - 800)).catch((error) => error);
    expect(refused).toMatchObject({ message: expect.stringMatching(/^An event has \d+ bytes$/) });
    await ada.say("2");
    expect((await ada.gets(3)).at(-1)).toBe("Ada: 2");
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
