// How late a listener hears: from the end of a step, as its run has noted it, to the event's arrival in a client, with one listener and with 200.
// Run: npm run bench -- stream [runs]
//
// Runs of ten nodes come at a steady pace, so that what is measured is the way of an event and no queue before it. Both ends are taken from one
// machine's clock, in whole milliseconds; a run notes the time at which its wake began, so its own work counts as delay.
import { setTimeout as sleep } from "node:timers/promises";
import { quantile } from "./numbers.ts";
import { cpuMs, residentMb } from "./processes.ts";
import { openProduct, tenNodes } from "./product.ts";
import { startRuntime } from "./runtime.ts";

const RUNS = Number(process.argv[3] ?? 100);
const WARM_UP = 10;
const LISTENERS = [1, 50, 200];
/** Between two starts, in ms. */
const PACE_MS = 200;
const EVENTS_OF_A_RUN = 13;
const STALLED_MS = 60_000;

const runtime = await startRuntime({});
const product = await openProduct(runtime.origin);
const hook = await product.webhook("Stream", tenNodes());
const session = (await (
  await fetch(`${runtime.origin}/api/v1/usr/login/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "admin", password: "admin" }),
  })
).json()) as { access_token: string; organization_id: string };
const headers = { authorization: `Bearer ${session.access_token}`, "x-organization-id": session.organization_id };
const listed = (await (await fetch(`${runtime.origin}/api/v1/workflows?entity_id=1`, { headers })).json()) as {
  data: { workflow_id: string }[] | { workflows: { workflow_id: string }[] };
};
const [workflow] = Array.isArray(listed.data) ? listed.data : listed.data.workflows;
const url = `${runtime.origin}/api/v2/workflows/${workflow!.workflow_id}/stream`;

type Listener = { delays: number[]; ids: number[]; stop: () => void };

const listen = async (): Promise<Listener> => {
  const gone = new AbortController();
  const response = await fetch(url, { headers, signal: gone.signal });
  if (response.status !== 200) throw new Error(`the stream answered ${response.status}: ${await response.text()}`);
  const listener: Listener = { delays: [], ids: [], stop: () => gone.abort() };
  const read = async () => {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of response.body!) {
      const now = Date.now();
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop()!;
      for (const block of blocks) {
        const [, id] = /^id: \w+-(\d+)$/m.exec(block) ?? [];
        if (id === undefined || block.startsWith("event: connected")) continue;
        listener.ids.push(Number(id));
        const [, at] = (block.startsWith("event: step_completed") && /"completedAt":"([^"]+)"/.exec(block)) || [];
        if (at !== undefined) listener.delays.push(now - Date.parse(at));
      }
    }
  };
  void read().catch(() => {});
  return listener;
};

const run = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n++) {
    const response = await fetch(hook, { method: "POST", body: JSON.stringify({ amount: n }) });
    if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
    await response.arrayBuffer();
    await sleep(PACE_MS);
  }
};

const heardAll = async (listeners: Listener[], count: number): Promise<void> => {
  const until = Date.now() + STALLED_MS;
  while (listeners.some(({ ids }) => ids.length < count)) {
    if (Date.now() > until)
      throw new Error(`a listener heard ${Math.min(...listeners.map((one) => one.ids.length))} of ${count}`);
    await sleep(20);
  }
};

console.log("listeners  events heard  p50 ms  p99 ms  most ms  repeated or missing  CPU-ms an event heard  workerd MB");
for (const count of LISTENERS) {
  const listeners = await Promise.all(Array.from({ length: count }, listen));
  await run(WARM_UP);
  await heardAll(listeners, WARM_UP * EVENTS_OF_A_RUN);
  for (const listener of listeners) listener.delays.length = 0;
  const cpu = cpuMs(runtime.pid);
  await run(RUNS);
  await heardAll(listeners, (WARM_UP + RUNS) * EVENTS_OF_A_RUN);
  const spent = cpuMs(runtime.pid) - cpu;
  const delays = listeners.flatMap((listener) => listener.delays);
  const wrong = listeners.filter(({ ids }) => ids.some((id, n) => n > 0 && id !== ids[n - 1]! + 1)).length;
  const heard = count * RUNS * EVENTS_OF_A_RUN;
  console.log(
    [
      ...[count, heard, quantile(delays, 0.5), quantile(delays, 0.99), quantile(delays, 1), wrong],
      ...[(spent / heard).toFixed(3), residentMb(runtime.pid).toFixed(0)],
    ].join("\t"),
  );
  for (const { stop } of listeners) stop();
  await sleep(4_000);
}
await runtime.stop();
process.exit(0);
