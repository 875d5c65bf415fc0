// How long a person waits for a chatbot's word: from Twilio's request to our request to Twilio, beside a bare worker that answers with one fetch, in the
// same workerd and in turns. Run: npm run bench -- conversation [replies]
//
// A reply belongs to a question that waits: signature, the contact's object, the waiting execution, the gates, the message's row, the request. The
// bare worker reads the form and asks Twilio to send: no signature, no row, no memory. Both ends of each wait are taken in this process, on one clock.
// What is behind the message (its status, the index, the event log) goes on meanwhile, as it does in life; nothing waits for it.
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { FlowClient } from "../test/e2e/conversation/flow-client.ts";
import { countedBy } from "./counted.ts";
import { median, quantile } from "./numbers.ts";
import { cpuMs } from "./processes.ts";
import { startRuntime } from "./runtime.ts";

const REPLIES = Number(process.argv[3] ?? 200);
const PEOPLE = 20;
const WARM_UP = 20;
const ACCOUNT = { sid: `AC${"0".repeat(30)}be`, token: "bench-auth-token" };
const SENDER = "+15005550006";
const PATIENCE_MS = 30_000;
const GOAL = 3;

type Sent = { to: string; at: number };

/** Twilio: takes every message, and says when it came. */
const startTwilio = async () => {
  let count = 0;
  let arrived: ((sent: Sent) => void)[] = [];
  const textOf = async (request: IncomingMessage): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    return Buffer.concat(chunks).toString("utf8");
  };
  const server = createServer(async (request, response) => {
    const at = performance.now();
    const form = new URLSearchParams(await textOf(request));
    const sid = `SM${(++count).toString(16).padStart(32, "0")}`;
    const body = JSON.stringify({ sid, status: "queued", to: form.get("To"), from: form.get("From") });
    response.writeHead(201, { "content-type": "application/json" }).end(body);
    for (const tell of arrived) tell({ to: form.get("To") ?? "", at });
  });
  server.keepAliveTimeout = 600_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** When the next message to the person comes, by this process's clock. */
    next: (to: string) =>
      new Promise<number>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`nothing came to ${to}`)), PATIENCE_MS);
        const take = (sent: Sent) => {
          if (sent.to !== to) return;
          clearTimeout(timer);
          arrived = arrived.filter((one) => one !== take);
          resolve(sent.at);
        };
        arrived.push(take);
      }),
    stop: () => server.closeAllConnections(),
  };
};

const twilio = await startTwilio();
const runtime = await startRuntime({
  TWILIO_ACCOUNT_SID: ACCOUNT.sid,
  TWILIO_AUTH_TOKEN: ACCOUNT.token,
  TWILIO_FROM: SENDER,
  TWILIO_RATE: "1000",
  TWILIO_API_BASE_URL: twilio.origin,
  EGRESS_ALLOW_HOSTS: new URL(twilio.origin).host,
  BENCH_TWILIO: { origin: twilio.origin, ...ACCOUNT },
});

let sids = 0;
/** From the request that leaves here to the message that comes here, in ms. */
const ask = async (url: string, from: string, text: string): Promise<number> => {
  const sid = `SM${(++sids).toString(16).padStart(32, "0")}`;
  const form = { MessageSid: sid, AccountSid: ACCOUNT.sid, From: from, To: SENDER, Body: text, NumMedia: "0" };
  const signature = getExpectedTwilioSignature(ACCOUNT.token, url, form);
  const came = twilio.next(from);
  const began = performance.now();
  const answer = fetch(url, {
    method: "POST",
    headers: { "x-twilio-signature": signature },
    body: new URLSearchParams(form),
  });
  const [at, { status }] = await Promise.all([came, answer]);
  if (status !== 200) throw new Error(`${url} answered ${status}`);
  return at - began;
};

const text = (data: string) => ({ flowReplyType: "Text", data });
const flow = new FlowClient(runtime.origin);
await flow.signIn();
await flow.publish({
  name: "Talk",
  flowNodes: [
    { id: "start", type: "trigger_keyword", flowNodeType: "Trigger", isStartNode: true, triggerKeywords: ["talk"] },
    {
      ...{
        id: "ask",
        type: "question",
        flowNodeType: "Question",
        isStartNode: false,
        flowReplies: [text("And then?")],
      },
      userInputVariable: "@said",
      answerValidation: { type: "Text", minValue: "1", maxValue: "100", regex: "", fallback: "", failsCount: "3" },
    },
  ],
  flowEdges: [
    { id: "e1", sourceNodeId: "start", targetNodeId: "ask" },
    { id: "e2", sourceNodeId: "ask", targetNodeId: "ask" },
  ],
});

const ours = `${runtime.origin}/webhooks/inbound`;
const bare = `${runtime.origin}/bench/answer`;
const people = Array.from({ length: PEOPLE }, (_, n) => `+1415555${String(1_000 + n)}`);
const starts: number[] = [];
for (const person of people) starts.push(await ask(ours, person, "talk"));

type Side = { name: string; url: string; waits: number[]; cpu: number };
const sides: Side[] = [
  { name: "bare worker, one fetch", url: bare, waits: [], cpu: 0 },
  { name: "a reply to a question", url: ours, waits: [], cpu: 0 },
];
/** A person answers at most so often that the pace to one person is no matter. */
for (let n = 0; n < WARM_UP + REPLIES; n++) {
  for (const side of sides) {
    const before = cpuMs(runtime.pid);
    const wait = await ask(side.url, people[n % PEOPLE]!, `answer ${n}`);
    // What follows from it has an end before the next one begins.
    await sleep(30);
    if (n < WARM_UP) continue;
    side.waits.push(wait);
    side.cpu += cpuMs(runtime.pid) - before;
  }
}

console.table(
  sides.map(({ name, waits, cpu }) => ({
    name,
    "ms, median": median(waits).toFixed(1),
    p95: quantile(waits, 0.95).toFixed(1),
    "CPU-ms each": (cpu / waits.length).toFixed(1),
  })),
);
const ratio = median(sides[1]!.waits) / median(sides[0]!.waits);
console.log(`a keyword's first word, by the queue: ${median(starts).toFixed(0)} ms median`);
console.log(`a reply takes ${ratio.toFixed(1)} times the bare worker (target: at most ${GOAL})`);
await runtime.stop();
twilio.stop();
const { columns, code } = await countedBy("test/objects/reply-hops.test.ts");
console.log("Counted from Twilio's request to ours:");
console.table(columns);
process.exit(code);
