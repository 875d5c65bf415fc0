// How far it is from a person's reply to what the run says next, counted: calls of objects and round trips to D1 before the provider is asked.
// `npm run bench -- conversation` prints the same.
import { afterAll, beforeAll, expect, it } from "vitest";
import { signatureOf } from "../../src/channels/twilio/signature.ts";
import { newId } from "../../src/lib/ids.ts";
import { CountingWorld, type Counts } from "./counting.ts";
import { eventually } from "./kit.ts";
import { ask, graphOf, keyword, type Sent, Town, word } from "./talk.ts";

const world = new CountingWorld();
const hops: Record<string, number | string>[] = [];
const town = new Town();
beforeAll(async () => {
  await town.found();
  town.open();
});
afterAll(() => {
  console.log(`counted: ${JSON.stringify(hops)}`);
});

const person = "+14155571234";
const say = async (text: string): Promise<void> => {
  const path = `/webhooks/inbound/${town.organizationId}/${town.channels.sms}`;
  const form = { MessageSid: `SM${newId()}`, From: person, To: "+15550002222", Body: text };
  const response = await world.fetch(path, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-twilio-signature": await signatureOf("t", `https://signalbox.test${path}`, Object.entries(form)),
    },
    body: new URLSearchParams(form).toString(),
  });
  expect(response.status).toBe(200);
};

/** What was counted when the message came that this is answered with. */
const answered = async (text: string): Promise<Counts> => {
  world.take();
  let counts: Counts | undefined;
  town.before = async (_: Sent) => {
    counts ??= world.take();
  };
  await say(text);
  return eventually(async () => counts);
};

it("a reply costs two round trips to D1, one after the other, and four calls of objects, two of them beside those", async () => {
  const said = word();
  await town.publish(
    graphOf({ t: keyword(said), a: ask("One?"), b: ask("Two?"), c: ask("Three?") }, [
      "t>a",
      "a.answered>b",
      "b.answered>c",
    ]),
  );
  await say(said);
  await eventually(async () => world.queued("events") > 0);
  await world.deliver("events");
  await eventually(async () => town.sent.length === 1);
  const settle = () => new Promise((resolve) => setTimeout(resolve, 300));
  for (const text of ["one", "two"]) {
    await settle();
    const { calls, d1, commits } = await answered(text);
    delete calls["SWEEPER.ensure"];
    const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, n) => total + n, 0);
    hops.push({
      "object calls": sum(calls),
      ...calls,
      "D1 round trips": d1.requests,
      "D1 statements": d1.statements,
      commits: sum(commits),
    });
  }
  expect(hops[1]).toMatchObject({
    "D1 round trips": 2,
    "object calls": 4,
    "CONTACT.receive": 1,
    "EXECUTION.hear": 1,
    "CONTACT.claim": 1,
    "PACER.leaseOne": 1,
  });
  expect(hops[1]!["D1 statements"]).toBeLessThanOrEqual(7);
});
