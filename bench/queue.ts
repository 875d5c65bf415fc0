// A queue under load: 1,000 executions of mixed priority through a concurrency of 10, all waiting before the first slot is free. Read off the requests
// that they make: how many work at once, who goes before whom, and how long the last of each priority waits.
// Run: npm run bench -- queue [executions]
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { AGE_MS } from "../src/domain/queue/line.ts";
import { quantile } from "./numbers.ts";
import { cpuMs } from "./processes.ts";
import { startRuntime } from "./runtime.ts";

const ALL = Number(process.argv[3] ?? 1_000);
const SLOTS = 10;
/** What each of them has to do, in ms, once the gate is open. */
const WORK_MS = 20;
const CONNECTIONS = 8;
const STALLED_MS = 120_000;

type Begun = { n: number; priority: number; at: number };
const begun: Begun[] = [];
let working = 0;
let most = 0;
let isOpen = false;
const held: (() => void)[] = [];

const answer = (response: ServerResponse) =>
  setTimeout(() => {
    working--;
    response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
  }, WORK_MS);

const target = createServer((request, response) => {
  let text = "";
  request.on("data", (chunk) => {
    text += chunk;
  });
  request.on("end", () => {
    begun.push({ ...JSON.parse(text), at: Date.now() });
    working++;
    most = Math.max(most, working);
    if (isOpen) answer(response);
    else held.push(() => answer(response));
  });
});
await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
const { port } = target.address() as AddressInfo;

const runtime = await startRuntime({ EGRESS_ALLOW_HOSTS: `127.0.0.1:${port}` });
const session = (await (
  await fetch(`${runtime.origin}/api/v1/usr/login/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "admin", password: "admin" }),
  })
).json()) as { access_token: string; organization_id: string };

/** One that is told to come later does. */
const call = async (method: string, path: string, body?: unknown): Promise<Record<string, never>> => {
  for (;;) {
    const response = await fetch(`${runtime.origin}/api/v2${path}`, {
      method,
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${session.access_token}`,
        "x-organization-id": session.organization_id,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const said = await response.text();
    if (response.ok) return JSON.parse(said);
    if (response.status !== 429) throw new Error(`${method} ${path} answered ${response.status}: ${said}`);
    await sleep(Number(response.headers.get("retry-after") ?? 1) * 1_000);
  }
};

const { workflow } = (await call("POST", "/workflows", {
  name: "Queue",
  triggerType: "trigger_manual",
  triggerConfig: {},
  settings: { maxConcurrency: SLOTS },
  status: "active",
  workflowData: {
    nodes: [
      {
        id: "call",
        type: "action_webhook",
        position: { x: 0, y: 0 },
        data: {
          label: "call",
          config: {
            url: `http://127.0.0.1:${port}/`,
            method: "POST",
            body: { n: "{{ variables.n }}", priority: "{{ variables.priority }}" },
            // They hold their slots until all others wait.
            timeout_seconds: 280,
          },
        },
      },
    ],
    edges: [],
  },
})) as unknown as { workflow: { id: string } };

// A whole number for each that follows from its place: the same mix in every run.
const priorityOf = (n: number): number => ((Math.imul(n + 1, 2_654_435_761) >>> 8) % 10) + 1;
const askedAt: number[] = [];
const positions: number[] = [];
let next = 0;
const startedAt = Date.now();
const cpuAtStart = cpuMs(runtime.pid);
await Promise.all(
  Array.from({ length: CONNECTIONS }, async () => {
    for (let n = next++; n < ALL; n = next++) {
      const priority = priorityOf(n);
      const { queuePosition } = (await call("POST", `/workflows/${workflow.id}/execute`, {
        inputData: { n, priority },
        priority,
      })) as { queuePosition?: number };
      askedAt[n] = Date.now();
      if (queuePosition !== undefined) positions.push(queuePosition);
    }
  }),
);
const queuedIn = Date.now() - startedAt;
const cpuQueued = cpuMs(runtime.pid) - cpuAtStart;
const { queuedJobs } = (await call("GET", "/queue/status")) as { queuedJobs?: number };
console.log(
  `${ALL} accepted in ${(queuedIn / 1000).toFixed(1)} s, ${begun.length} work, ${queuedJobs} are listed as queued`,
);

const openedAt = Date.now();
isOpen = true;
for (const release of held) release();
for (let last = 0, movedAt = Date.now(); begun.length < ALL; await sleep(50)) {
  if (begun.length > last) {
    last = begun.length;
    movedAt = Date.now();
  } else if (Date.now() - movedAt > STALLED_MS) throw new Error(`${begun.length} of ${ALL} began, and nothing moves`);
}
const drainedIn = Date.now() - openedAt;

const waited = begun.slice(SLOTS);
const rankOf = ({ n, priority }: Begun) => askedAt[n]! - priority * AGE_MS;
/** Pairs that began the other way round than their ranks say, further apart than slots can shuffle them. */
const inversions = waited.reduce(
  (sum, one, at) => sum + waited.slice(at + 2 * SLOTS).filter((other) => rankOf(other) < rankOf(one) - 1_000).length,
  0,
);
console.table(
  Array.from({ length: 10 }, (_, index) => 10 - index).map((priority) => {
    const own = waited.filter((one) => one.priority === priority);
    const places = own.map((one) => waited.indexOf(one) + 1);
    const waits = own.map(({ at }) => at - openedAt);
    return {
      priority,
      executions: own.length,
      "began as number": `${Math.min(...places)} – ${Math.max(...places)}`,
      "wait after the first slot, median ms": quantile(waits, 0.5),
      "longest ms": Math.max(...waits),
    };
  }),
);
const wrong = [
  ...(most > SLOTS ? [`${most} worked at once`] : []),
  ...(new Set(begun.map(({ n }) => n)).size === ALL && begun.length === ALL ? [] : ["some began twice or never"]),
  ...(inversions > 0 ? [`${inversions} pairs began out of their order`] : []),
];
console.log(`at once: ${most} at the most; begun: ${begun.length}, each once; pairs out of order: ${inversions}`);
console.log(
  `to drain: ${(drainedIn / 1000).toFixed(1)} s, ${((1000 * (ALL - SLOTS)) / drainedIn).toFixed(0)} a second of at most ${(SLOTS * 1000) / WORK_MS}`,
);
console.log(`CPU: ${(cpuQueued / ALL).toFixed(1)} ms to accept one; positions told: up to ${Math.max(...positions)}`);
target.close();
target.closeAllConnections();
await runtime.stop();
if (wrong.length > 0) throw new Error(wrong.join("; "));
