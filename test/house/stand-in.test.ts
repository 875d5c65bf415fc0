// The stand-in of the outside world is a judge, so it is judged first: what it does, what it writes down, and that it writes before it answers.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { validateRequest } from "twilio/lib/webhooks/webhooks.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isOrder, Script } from "../fixtures/stand-in/behaviour.ts";
import { type Entry, readLedger } from "../fixtures/stand-in/ledger.ts";
import { standIn } from "../fixtures/stand-in/server.ts";

const account = { sid: "AC1", token: "token" };
const folder = mkdtempSync(join(tmpdir(), "signalbox-stand-in-"));
const ledgerPath = join(folder, "ledger.jsonl");

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

let server: Server;
let origin: string;
/** What Twilio would call back. */
let callbacks: Server;
let callbackUrl: string;
let told: { valid: boolean; sid: string; status: string; search: string }[] = [];

beforeAll(async () => {
  server = await standIn({ ledger: ledgerPath, account });
  origin = await listening(server);
  callbacks = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const form = Object.fromEntries(new URLSearchParams(text));
    const url = new URL(request.url!, callbackUrl);
    const signature = String(request.headers["x-twilio-signature"]);
    told.push({
      valid: validateRequest(account.token, signature, url.href, form),
      sid: form.MessageSid!,
      status: form.MessageStatus!,
      search: url.search,
    });
    response.end();
  });
  callbackUrl = `${await listening(callbacks)}/status?message=1`;
});
afterAll(() => {
  for (const each of [server, callbacks]) {
    each.closeAllConnections();
    each.close();
  }
  rmSync(folder, { recursive: true });
});

const messages = "/2010-04-01/Accounts/AC1/Messages.json";
const send = (form: Record<string, string>, token = account.token, signal?: AbortSignal) =>
  fetch(`${origin}${messages}`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${account.sid}:${token}`)}` },
    body: new URLSearchParams({ To: "+14155550100", From: "+15005550006", ...form }),
    ...(signal && { signal }),
  });
const post = (path: string, key: string, signal?: AbortSignal) =>
  fetch(`${origin}${path}`, {
    method: "POST",
    headers: { "idempotency-key": key },
    body: JSON.stringify({ key }),
    ...(signal && { signal }),
  });
const last = (): Entry => readLedger(ledgerPath).at(-1)!;

describe("Twilio", () => {
  it("makes a message, with a line on the disk by the time it answers, and lists it", async () => {
    const answer = await send({ Body: "Hello" });
    const made = (await answer.json()) as { sid: string };
    expect(answer.status).toBe(201);
    expect(last()).toMatchObject({ kind: "twilio.send", accepted: true, sid: made.sid, body: { Body: "Hello" } });
    await send({ Body: "Other", To: "+14155550199" });
    const query = new URLSearchParams({ To: "+14155550100", From: "+15005550006", PageSize: "10" });
    const list = await fetch(`${origin}${messages}?${query}`, {
      headers: { authorization: `Basic ${btoa("AC1:token")}` },
    });
    const { messages: rows, next_page_uri } = (await list.json()) as { messages: object[]; next_page_uri: null };
    expect(rows).toMatchObject([{ sid: made.sid, status: "queued", direction: "outbound-api" }]);
    expect(next_page_uri).toBeNull();
  });

  it("lists page by page, newest first", async () => {
    const to = "+14155550177";
    for (const Body of ["1", "2", "3"]) await send({ Body, To: to });
    const read = async (path: string) =>
      (await (
        await fetch(`${origin}${path}`, { headers: { authorization: `Basic ${btoa("AC1:token")}` } })
      ).json()) as {
        messages: { body: string }[];
        next_page_uri: string | null;
      };
    const first = await read(`${messages}?To=${encodeURIComponent(to)}&PageSize=2`);
    const second = await read(first.next_page_uri!);
    expect([...first.messages, ...second.messages].map(({ body }) => body)).toEqual(["3", "2", "1"]);
    expect(second.next_page_uri).toBeNull();
  });

  it("makes contents and sends them, sends media without a text, and tells who asks that the account is there", async () => {
    const authorization = `Basic ${btoa(`${account.sid}:${account.token}`)}`;
    const made = await fetch(`${origin}/v1/Content`, {
      method: "POST",
      headers: { authorization },
      body: JSON.stringify({ language: "en", types: {} }),
    });
    const { sid } = (await made.json()) as { sid: string };
    expect([made.status, last()]).toMatchObject([201, { kind: "twilio.content", sid }]);
    expect((await send({ ContentSid: sid })).status).toBe(201);
    expect((await send({ MediaUrl: "https://example.com/a.png" })).status).toBe(201);
    const resource = `${origin}/2010-04-01/Accounts/${account.sid}.json`;
    expect((await fetch(resource, { headers: { authorization } })).status).toBe(200);
    expect((await fetch(resource)).status).toBe(401);
  });

  it("knows nobody with another token, and no other resource", async () => {
    const answer = await send({ Body: "x" }, "wrong");
    expect([answer.status, ((await answer.json()) as { code: number }).code]).toEqual([401, 20003]);
    expect(last()).toMatchObject({ kind: "refused", accepted: false });
    expect((await fetch(`${origin}/2010-04-01/Accounts/AC1/Calls.json`)).status).toBe(404);
  });

  it.each([
    ["400", 400, 21211],
    ["429", 429, 20429],
    ["500", 500, 20500],
    ["503", 503, 20503],
  ])("refuses by %s in its own form, and does nothing", async (name, status, code) => {
    const answer = await send({ Body: `[[${name}]]` });
    expect([answer.status, ((await answer.json()) as { code: number }).code]).toEqual([status, code]);
    expect(answer.headers.get("retry-after")).toBe(["429", "503"].includes(name) ? "1" : null);
    expect(last()).toMatchObject({ behaviour: name, accepted: false });
  });

  it.each([
    ["truncated", true],
    ["reset", false],
    ["reset-accepted", true],
  ])("breaks off by %s", async (name, accepted) => {
    const attempt = send({ Body: `[[${name}]]` }).then((answer) => answer.json());
    await expect(attempt).rejects.toThrow(TypeError);
    expect(last()).toMatchObject({ behaviour: name, accepted });
  });

  it.each([
    ["hang", true],
    ["hang-refused", false],
  ])("never answers by %s", async (name, accepted) => {
    await expect(send({ Body: `[[${name}]]` }, account.token, AbortSignal.timeout(200))).rejects.toThrow("timeout");
    expect(last()).toMatchObject({ behaviour: name, accepted });
  });

  it("speaks HTML where some proxy would", async () => {
    const answer = await send({ Body: "[[html-accepted]]" });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([502, "text/html"]);
    expect(last()).toMatchObject({ accepted: true });
  });

  const followed = async (Body: string, count: number): Promise<{ sid: string; statuses: string[] }> => {
    told = [];
    const { sid } = (await (await send({ Body, StatusCallback: callbackUrl })).json()) as { sid: string };
    await expect.poll(() => told.length, { timeout: 3_000 }).toBe(count);
    expect(told.every(({ valid }) => valid)).toBe(true);
    return { sid, statuses: told.map(({ status }) => status) };
  };

  it("tells of the message's way, signed", async () => {
    const { sid, statuses } = await followed("Hello", 2);
    expect(statuses).toEqual(["sent", "delivered"]);
    expect(told.every((one) => one.sid === sid && one.search === "?message=1")).toBe(true);
  });

  it("tells shuffled, repeated, and of a message that nobody sent", async () => {
    expect((await followed("[[callbacks-shuffled]]", 2)).statuses).toEqual(["delivered", "sent"]);
    expect((await followed("[[callbacks-repeated]]", 10)).statuses.slice(0, 5)).toEqual(Array(5).fill("sent"));
    const { sid } = await followed("[[callbacks-unknown]]", 2);
    expect(told.some((one) => one.sid === sid || one.search !== "")).toBe(false);
  });

  it("tells before it answers", async () => {
    told = [];
    const answer = await send({ Body: "[[callbacks-early]]", StatusCallback: callbackUrl });
    expect(told.map(({ status }) => status)).toEqual(["sent", "delivered"]);
    expect(answer.status).toBe(201);
  });
});

describe("a target", () => {
  it("does each key once, and writes every request down", async () => {
    await post("/a", "k1");
    const again = await post("/a", "k1");
    expect(await again.json()).toMatchObject({ repeated: true });
    const own = readLedger(ledgerPath).filter(({ url }) => url === "/a");
    expect(own.map(({ key, accepted, body }) => [key, accepted, body])).toEqual([
      ["k1", true, { key: "k1" }],
      ["k1", false, { key: "k1" }],
    ]);
  });

  it("misbehaves as its URL says, as often as it says, for each key", async () => {
    const statuses = async (key: string) => [
      (await post("/b?behave=500*2", key)).status,
      (await post("/b?behave=500*2", key)).status,
      (await post("/b?behave=500*2", key)).status,
    ];
    expect(await statuses("k2")).toEqual([500, 500, 200]);
    expect(await statuses("k3")).toEqual([500, 500, 200]);
  });

  it("misbehaves by the rules that it is given, and refuses rules that are none", async () => {
    const rule = (rules: unknown) => fetch(`${origin}/stand-in/rules`, { method: "PUT", body: JSON.stringify(rules) });
    expect((await rule([{ match: "/c", behave: "503*1" }])).status).toBe(200);
    expect([(await post("/c", "k4")).status, (await post("/c", "k4")).status]).toEqual([503, 200]);
    expect((await rule([{ match: "/c", behave: "nonsense" }])).status).toBe(400);
    expect((await rule([])).status).toBe(200);
  });
});

describe("a script", () => {
  it("knows the catalogue's names only", () => {
    expect(["ok", "hang", "429*2", "nonsense", "429*", "constructor"].map(isOrder)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it("takes the request's own order before the rules", () => {
    const script = new Script();
    script.rules = [{ match: "x", behave: "500" }];
    expect(script.next({ same: "a", own: "429*1", text: "x" })).toBe("429");
    expect(script.next({ same: "a", own: "429*1", text: "x" })).toBe("500");
    expect(script.next({ same: "b", own: undefined, text: "y" })).toBe("ok");
  });
});
