// What the demo does with a product that runs: makes the workflow and its webhook, sends the deliveries, reads every execution, and compares
// each with what a reader of the payload expects. It prints nothing.
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "./client.ts";
import { type Answer, type Delivery, deliver, githubDeliveries } from "./deliveries.ts";
import { demoWorkflow, expectedNews } from "./workflow.ts";

export type Wishes = { to: string; channel: string; target: string | undefined; all: boolean };

/** As the product tells it. */
export type Message = { text: string; channel: string; to: string; status: string; provider_id: string };

type NodeState = { node_id: string; node_type: string; output_data: unknown; error: string | null };

type Execution = {
  execution_id: string;
  status: string;
  start_time: string;
  execution_time_seconds: number;
  execution_path: string[];
  node_states: Record<string, NodeState>;
  error_message: string | null;
  error_node_id: string | null;
};

export type Told = {
  title: string;
  /** How long GitHub would have waited for the answer, in ms. */
  answeredMs: number;
  /** From acceptance to the execution's start, in ms. */
  queuedMs: number;
  ranMs: number;
  executionId: string;
  status: string;
  path: string[];
  messages: Message[];
  /** Empty when all is as expected. */
  faults: string[];
};

/** A delivery that must not start anything, and what became of it. */
export type Refused = { title: string; said: string; faults: string[] };

export type Story = { workflowId: string; told: Told[]; refused: Refused[] };

type Accepted = { execution_id: string; timestamp: string; duplicate: boolean };

const CONCURRENT = 5;
const FINAL = new Set(["completed", "failed", "cancelled"]);
const PATIENCE_MS = 60_000;
const PAUSE_MS = 100;

const acceptedOf = ({ status, body }: Answer): Accepted | undefined =>
  status === 200 ? (body as { data: Accepted }).data : undefined;

const setUp = async (client: Client, wishes: Wishes, deliveries: number) => {
  const { workflow_id: id } = await client.call<{ workflow_id: string }>("POST", "/api/v1/workflows", {
    name: "News from GitHub",
    description: "Made by npm run demo",
    entity_id: 1,
    ...demoWorkflow(wishes),
  });
  await client.call("POST", `/api/v1/workflows/${id}/publish`, {});
  const webhook = await client.call<{ url: string; token: string; secret: string }>(
    "POST",
    `/api/v1/workflows/${id}/webhooks`,
    {
      name: "GitHub",
      signature_scheme: "github",
      require_signature: true,
      rate_limit_max: deliveries + 10,
    },
  );
  // PUBLIC_URL may name the product as the world sees it; the demo calls it where it is.
  const url = new URL(new URL(webhook.url).pathname, client.origin).href;
  return { id, url, secret: webhook.secret };
};

const untilFinal = async (client: Client, id: string): Promise<Execution> => {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const execution = await client.call<Execution>("GET", `/api/v1/workflows/executions/${id}`);
    if (FINAL.has(execution.status) || Date.now() > deadline) return execution;
    await sleep(PAUSE_MS);
  }
};

const messagesOf = ({ execution_path, node_states }: Execution): Message[] =>
  execution_path.flatMap((node) => {
    const state = node_states[node];
    return state?.node_type === "action_chat_message" && state.error === null ? [state.output_data as Message] : [];
  });

const FAILED = new Set(["failed", "undelivered", "canceled"]);

const faultsOf = (execution: Execution, messages: Message[], wishes: Wishes, payload: object): string[] => {
  const expected = expectedNews(payload);
  const said = messages.map(({ text }) => text);
  const faults: string[] = [];
  if (execution.status !== "completed") {
    const { error_node_id: node, error_message: why } = execution;
    faults.push(`the execution is ${execution.status}${why === null ? "" : ` at ${node}: ${why}`}`);
  } else if (expected === undefined ? said.length > 0 : said.join() !== expected) {
    faults.push(
      `expected ${expected === undefined ? "no message" : `"${expected}"`}, went out: ${JSON.stringify(said)}`,
    );
  }
  for (const { channel, status } of messages) {
    if (channel !== wishes.channel) faults.push(`went out by ${channel} instead of ${wishes.channel}`);
    if (FAILED.has(status)) faults.push(`the message is ${status}`);
  }
  return faults;
};

const tell = async (client: Client, wishes: Wishes, delivery: Delivery, answer: Answer): Promise<Told> => {
  const accepted = acceptedOf(answer);
  const { title, payload } = delivery;
  const answeredMs = answer.ms;
  if (!accepted) {
    const fault = `the webhook answered ${answer.status}: ${JSON.stringify(answer.body)}`;
    return {
      title,
      answeredMs,
      queuedMs: 0,
      ranMs: 0,
      executionId: "",
      status: "",
      path: [],
      messages: [],
      faults: [fault],
    };
  }
  const execution = await untilFinal(client, accepted.execution_id);
  const messages = messagesOf(execution);
  return {
    title,
    answeredMs,
    queuedMs: Date.parse(execution.start_time) - Date.parse(accepted.timestamp),
    ranMs: (execution.execution_time_seconds ?? 0) * 1000,
    executionId: execution.execution_id,
    status: execution.status,
    path: execution.execution_path,
    messages,
    faults: faultsOf(execution, messages, wishes, payload),
  };
};

/** GitHub's "Redeliver" sends the same id once more; somebody without the secret sends what he likes. */
const tryTheDoor = async (url: string, secret: string, delivery: Delivery, first: Told): Promise<Refused[]> => {
  const again = await deliver(url, secret, delivery);
  const accepted = acceptedOf(again);
  const same = accepted?.duplicate === true && accepted.execution_id === first.executionId;
  const forged = await deliver(url, "not the secret", delivery);
  return [
    {
      title: `${delivery.title}, delivered again`,
      said: same ? "the same execution, nothing started twice" : JSON.stringify(again.body),
      faults: same ? [] : ["a repeated delivery was not recognised"],
    },
    {
      title: `${delivery.title}, signed with another secret`,
      said: `${forged.status} ${(forged.body as { error?: { message?: string } }).error?.message ?? ""}`.trim(),
      faults: forged.status === 403 ? [] : ["a forged delivery was not refused"],
    },
  ];
};

/** Throws Refusal when the workflow cannot be made. */
export const play = async (client: Client, wishes: Wishes): Promise<Story> => {
  const deliveries = githubDeliveries(wishes.all, (payload) => expectedNews(payload) !== undefined);
  const { id, url, secret } = await setUp(client, wishes, deliveries.length);
  const told: Told[] = [];
  const waiting = [...deliveries.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, delivery] = next;
      told[index] = await tell(client, wishes, delivery, await deliver(url, secret, delivery));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, worker));
  const refused = await tryTheDoor(url, secret, deliveries[0]!, told[0]!);
  return { workflowId: id, told, refused };
};
