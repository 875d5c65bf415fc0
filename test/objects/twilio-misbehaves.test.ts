// A Twilio that answers 429 and 500, hangs, answers when we gave up, calls back before it answers, in the wrong order and twice, and loses its
// callbacks: what we show is what its ledger says, nothing is sent twice, and what nobody can know is listed as unknown.
import { createExecutionContext } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { signatureOf } from "../../src/channels/twilio/signature.ts";
import type { Attempted, MessageReceipt, StepRef } from "../../src/domain/action-ports.ts";
import type { Env } from "../../src/env.ts";
import { newId } from "../../src/lib/ids.ts";
import { makeActionPorts } from "../../src/objects/action-ports.ts";
import worker from "../../src/worker.ts";
import { db, testEnv } from "../fixtures/identity.ts";
import { eventually } from "./kit.ts";

const organizationId = "00000000-0000-7000-8000-000000000001";
await db.prepare("INSERT INTO organizations (id, name, created_at) VALUES (?1, 'First', 0)").bind(organizationId).run();

const env = {
  ...testEnv,
  TWILIO_ACCOUNT_SID: "AC1",
  TWILIO_AUTH_TOKEN: "12345",
  TWILIO_FROM: "12345",
  TWILIO_RATE: "1000",
  TWILIO_API_BASE_URL: "https://twilio.test",
} as unknown as Env;
const ports = makeActionPorts(env);

const MODES = [
  ...["ok", "429", "500", "hang", "hang-refused", "late", "html", "truncated"],
  ...["early", "shuffled", "twice", "silent", "undelivered", "contradicted"],
] as const;
type Mode = (typeof MODES)[number];

type Entry = { sid: string; to: string; mode: Mode; statuses: string[]; listed: Record<string, unknown> };
/** What Twilio has accepted, whatever it answered. */
let ledger: Entry[] = [];
let callbacks: Promise<unknown>[] = [];
const attempts = new Map<string, number>();

const callBack = async (url: string, sid: string, status: string): Promise<void> => {
  const pairs: [string, string][] = [
    ["MessageSid", sid],
    ["MessageStatus", status],
    ...(status === "undelivered" ? ([["ErrorCode", "30003"]] as [string, string][]) : []),
  ];
  const request = new Request(url, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-twilio-signature": await signatureOf("12345", url, pairs),
    },
    body: new URLSearchParams(pairs),
  });
  expect((await worker.fetch!(request as never, env, createExecutionContext())).status).toBe(200);
};

const STATUSES: Partial<Record<Mode, string[]>> = {
  shuffled: ["delivered", "sent", "sending"],
  twice: ["sent", "delivered", "sent", "delivered"],
  silent: [],
  undelivered: ["sent", "undelivered"],
  contradicted: ["delivered", "failed"],
};
const never = (init: RequestInit) =>
  new Promise<Response>((_, reject) => init.signal?.addEventListener("abort", () => reject(init.signal!.reason)));
const refusal = (status: number, code: number) =>
  Response.json({ code, message: "no", status }, { status, headers: status === 429 ? { "retry-after": "1" } : {} });

const accept = (form: URLSearchParams, mode: Mode): Entry => {
  const sid = `SM${newId()}`;
  const statuses = STATUSES[mode] ?? ["sent", "delivered"];
  const listed = {
    ...{ sid, to: form.get("To"), from: form.get("From"), body: form.get("Body"), status: "queued", num_media: "0" },
    ...{ direction: "outbound-api", date_created: new Date().toUTCString() },
  };
  const entry = { sid, to: form.get("To")!, mode, statuses, listed };
  ledger.unshift(entry);
  return entry;
};

const twilio = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
  const url = new URL(String(input));
  if (init.method === "GET") {
    const to = url.searchParams.get("To");
    return Response.json({
      messages: ledger.filter((one) => one.to === to).map(({ listed }) => listed),
      next_page_uri: null,
    });
  }
  const form = new URLSearchParams(String(init.body));
  const mode = form.get("Body")!.split(" ")[0] as Mode;
  const tried = (attempts.get(form.get("Body")!) ?? 0) + 1;
  attempts.set(form.get("Body")!, tried);
  if (tried === 1 && mode === "429") return refusal(429, 20429);
  if (tried === 1 && mode === "500") return refusal(500, 20500);
  if (tried === 1 && mode === "html") return new Response("<html>", { status: 502 });
  if (mode === "hang-refused") return never(init);
  const { sid, statuses } = accept(form, mode);
  const tell = async () => {
    for (const status of statuses) await callBack(form.get("StatusCallback")!, sid, status);
  };
  if (mode === "early") await tell();
  else callbacks.push(new Promise((resolve) => setTimeout(resolve, 20)).then(tell));
  const answer = () => Response.json({ sid, status: "queued", num_segments: "1" }, { status: 201 });
  if (mode === "hang") return never(init);
  if (mode === "late") {
    await new Promise((resolve) => setTimeout(resolve, 6_500));
    return answer();
  }
  return mode === "truncated" ? new Response('{"sid": "SM', { status: 201 }) : answer();
};

/** As the engine does: refusals that may be tried again are, doubts are asked after, nothing is sent blindly again. */
const sendAsTheEngine = async (text: string, to: string): Promise<{ step: StepRef; end: string }> => {
  const executionId = newId();
  const step = (): StepRef => ({
    ...{
      key: `${executionId}:n:1`,
      executionId,
      organizationId,
      workflowId: "w",
      versionId: "v",
      startedAt: Date.now(),
    },
    eventDepth: 0,
    signal: AbortSignal.timeout(5_000),
  });
  let mode: "run" | "reconcile" = "run";
  for (let attempt = 1; attempt <= 6; attempt++) {
    const answer: Attempted<MessageReceipt> | { outcome: "absent" } =
      mode === "run"
        ? await ports.messages.send(step(), { text, to, channel: "sms" })
        : await ports.messages.reconcile(step());
    if (answer.outcome === "ok") return { step: step(), end: "sent" };
    if (answer.outcome === "refused" && !answer.retryable) return { step: step(), end: answer.code };
    // What is put off goes on as it was.
    if (answer.outcome !== "deferred") mode = answer.outcome === "unknown" ? "reconcile" : "run";
  }
  return { step: step(), end: "unknown" };
};

afterEach(() => {
  vi.restoreAllMocks();
  ledger = [];
  callbacks = [];
});

describe("whatever Twilio does", () => {
  it("rows and ledger agree: every message once, with its highest status; doubts are listed", async () => {
    vi.spyOn(globalThis, "fetch").mockImplementation(twilio as typeof fetch);
    const wanted = Array.from({ length: 3 }, (_, round) => MODES.map((mode) => `${mode} ${round}`)).flat();
    const sent = await Promise.all(
      wanted.map(async (text, n) => ({ text, ...(await sendAsTheEngine(text, `+1415557${String(1_000 + n)}`)) })),
    );
    await Promise.all(callbacks);
    const rows = await eventually(async () => {
      const { results } = await db
        .prepare(
          "SELECT body, status, provider_id, error_code, conflict, sent_at FROM messages WHERE org_id = ?1 AND direction = 'outbound'",
        )
        .bind(organizationId)
        .all<Record<string, string | null>>();
      const heard = results.filter(({ provider_id, status }) => provider_id !== null && status !== "queued");
      return heard.length >= ledger.filter(({ mode }) => mode !== "silent").length && results;
    }, 20_000);

    expect(rows.length).toBe(wanted.length);
    // Nothing twice, and nothing that the ledger does not have.
    expect(new Set(ledger.map(({ listed }) => listed.body)).size).toBe(ledger.length);
    const known = rows.filter(({ provider_id }) => provider_id !== null);
    expect(known.map(({ provider_id }) => provider_id).sort()).toEqual(ledger.map(({ sid }) => sid).sort());
    for (const { sid, mode, listed } of ledger) {
      const row = rows.find(({ provider_id }) => provider_id === sid)!;
      expect(row.body).toBe(listed.body);
      expect(row.sent_at).not.toBeNull();
      expect([mode, row.status]).toEqual([
        mode,
        mode === "silent" ? "queued" : mode === "undelivered" ? "undelivered" : "delivered",
      ]);
      expect(row.error_code).toBe(mode === "undelivered" ? "30003" : null);
      expect(row.conflict === null).toBe(mode !== "contradicted");
    }
    // What Twilio never took, and never said so, stays in doubt and is found as such.
    const unsent = wanted.filter((text) => !ledger.some(({ listed }) => listed.body === text));
    expect(new Set(unsent.map((text) => text.split(" ")[0]))).toEqual(new Set(["hang-refused", "html"]));
    for (const text of unsent) {
      expect(rows.find(({ body }) => body === text)).toMatchObject({
        status: "scheduled",
        error_code: "UNKNOWN_OUTCOME",
      });
      expect(sent.find((one) => one.text === text)!.end).toBe("unknown");
    }
    for (const { text, end } of sent) if (!unsent.includes(text)) expect([text, end]).toEqual([text, "sent"]);
    // Whatever comes twice leaves one event a status.
    const { results: events } = await db
      .prepare(
        "SELECT data ->> 'provider_id' AS sid, data ->> 'status' AS status, count(*) AS n FROM events WHERE type = 'MESSAGE_STATUS' GROUP BY 1, 2 HAVING n > 1",
      )
      .all();
    expect(events).toEqual([]);
  });
});
