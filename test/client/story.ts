// A whole story told through the generated client alone: a template becomes a workflow, which is published, called from outside, watched, fails, is
// retried, and is counted. Every name and type in it is the OpenAPI document's.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { EventSource } from "eventsource";
import { Webhook } from "standardwebhooks";
import { Api } from "./gen/enhanced.ts";

export type Told = {
  /** Live events in the order in which they came, by name. */
  heard: string[];
  /** What the target was asked: the key of each request, and what it answered. */
  asked: { key: string; answered: number; order: unknown }[];
  failed: string;
  retried: string;
  totals: { total: number; successful: number; failed: number };
};

const PATIENCE_MS = 60_000;

const until = async <T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> => {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(100)) {
    const seen = await look();
    if (seen !== undefined) return seen;
  }
  throw new Error(`it did not come to it: ${what}`);
};

/** Answers 503 until it is told to work. */
export const startTarget = async () => {
  const asked: Told["asked"] = [];
  let answer = 503;
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    asked.push({
      key: String(request.headers["idempotency-key"]),
      answered: answer,
      order: (JSON.parse(text) as { order: unknown }).order,
    });
    response.writeHead(answer).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    asked,
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    mend: () => {
      answer = 200;
    },
    close: () => void server.close(),
  };
};

const place = { x: 0, y: 0 };

/** `target`: as `startTarget` made it, and allowed as a host. */
export const tellStory = async (
  origin: string,
  credentials: { token: string; organizationId: string },
  target: Awaited<ReturnType<typeof startTarget>>,
): Promise<Told> => {
  const headers = { authorization: `Bearer ${credentials.token}`, "x-organization-id": credentials.organizationId };
  const { api } = new Api({ baseUrl: origin, baseApiParams: { headers } });

  const { template } = (
    await api.postTemplates({
      name: "Orders onward",
      description: "Hands each order that comes in to another system.",
      category: "operations",
      workflowData: {
        nodes: [
          { id: "in", type: "trigger_webhook", position: place, data: { label: "An order", config: {} } },
          {
            id: "onward",
            type: "action_webhook",
            position: place,
            data: {
              label: "Onward",
              config: {
                url: "[[template.target]]",
                method: "POST",
                body: { order: "{{event.data.order}}" },
                retry: { max_attempts: 2, backoff_seconds: 0 },
              },
            },
          },
        ],
        edges: [{ id: "1", source: "in", target: "onward" }],
      },
      requiredVariables: [{ name: "target", type: "url", required: true }],
    })
  ).data;
  const { workflow } = (
    await api.postTemplatesByIdInstantiate(template.id, {
      name: "Orders onward, ours",
      variableValues: { target: `http://${target.host}/orders` },
    })
  ).data;
  await api.postWorkflowsByIdPublish(workflow.id, {});
  const { endpointUrl, secretKey } = (await api.postWebhooks({ name: "Shop", workflowId: workflow.id })).data;

  const { ticket } = (await api.postStreamTickets({ workflowId: workflow.id })).data;
  const heard: { name: string; executionId: string; nodeId?: string }[] = [];
  const source = new EventSource(`${origin}/api/v2/workflows/${workflow.id}/stream?ticket=${ticket}`);
  for (const name of ["execution_started", "step_completed", "execution_completed", "execution_failed"]) {
    source.addEventListener(name, ({ data }) => void heard.push({ ...JSON.parse(data), name }));
  }
  const ended = (executionId: string, how: string) =>
    until(`${how} of ${executionId}`, () => heard.find((one) => one.executionId === executionId && one.name === how));
  try {
    await new Promise<void>((open, refused) => {
      source.addEventListener("open", () => open(), { once: true });
      source.addEventListener("error", (error) => refused(new Error(`the stream: ${error.message}`)), { once: true });
    });
    const payload = JSON.stringify({ order: { id: 7, total: 12.5 } });
    const at = new Date();
    const id = `order_${at.getTime()}`;
    const called = await fetch(endpointUrl, {
      method: "POST",
      body: payload,
      headers: {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
        "webhook-signature": new Webhook(secretKey).sign(id, at, payload),
      },
    });
    const { executionIds } = (await called.json()) as { executionIds: string[] };
    const [failed] = executionIds as [string];
    await ended(failed, "execution_failed");
    target.mend();
    const { newJobId } = (await api.postQueueJobsByJobIdRetry(failed, { resetRetryCount: true, newPriority: 9 })).data;
    await ended(newJobId, "execution_completed");

    const today = new Date().toISOString().slice(0, 10);
    const totals = await until("both are counted", async () => {
      const { overview: { totalExecutions: total = 0, successful = 0, failed = 0 } = {} } = (
        await api.getAnalyticsWorkflowsById(workflow.id, { startDate: today, endDate: new Date().toISOString() })
      ).data;
      return successful + failed === 2 ? { total, successful, failed } : undefined;
    });
    return { heard: heard.map(({ name }) => name), asked: target.asked, failed, retried: newJobId, totals };
  } finally {
    source.close();
  }
};
