// Messages by Twilio while the product is killed: each is accepted at most once, whatever is killed; what nobody knows is listed as unknown.
import { setTimeout as sleep } from "node:timers/promises";
import { isMessageStatus, MESSAGE_STATUSES } from "../../../src/channels/status.ts";
import type { Entry } from "../../fixtures/stand-in/ledger.ts";
import { FINAL } from "../api.ts";
import { killsAt } from "../kills.ts";
import { type Delivered, sendAll } from "../load.ts";
import { until } from "../outside.ts";
import type { Scenario, World } from "../scenario.ts";
import { type MessageRow, outboundMessages } from "../state.ts";

const CONNECTIONS = 20;
const KILLS = [0.3, 0.7];
const QUIET_MS = 240_000;
/** The index hears of what a kill swallowed by the sweeper. */
const LIST_MS = 120_000;

const setUp = async ({ api, product }: World): Promise<{ workflowId: string; url: string }> => {
  const workflowId = await api.publish(
    "Tell",
    {
      hook: ["trigger_webhook", {}],
      // Slow answers, so that a kill finds messages between their request and its answer.
      tell: [
        "action_chat_message",
        { message: "number {{ event.data.n }} [[slow]]", to: "{{ event.data.to }}", channel: "sms" },
      ],
    },
    [["hook", "output", "tell"]],
  );
  return { workflowId, url: `${product.origin}${await api.webhook(workflowId)}` };
};

const bodyOf = ({ body }: Entry): Record<string, string> => body as Record<string, string>;

const rank = (status: string): number => (isMessageStatus(status) ? MESSAGE_STATUSES.indexOf(status) : -1);

const checkRows = ({ verdict, outside, count }: World, rows: MessageRow[]): void => {
  const accepted = outside.ledger().filter((one) => one.kind === "twilio.send" && one.accepted);
  const unknown = rows.filter((row) => row.errorCode === "UNKNOWN_OUTCOME");
  const bySid = new Map(rows.flatMap((row) => (row.providerId === null ? [] : [[row.providerId, row] as const])));
  const bodies = new Set(unknown.map((row) => row.body));
  verdict.equal(
    "there is one row a message",
    [rows.length, new Set(rows.map((row) => row.executionId)).size],
    [count, count],
  );
  verdict.check(
    "each accepted one is known by its sid, or listed as unknown",
    accepted.every((one) => bySid.has(one.sid!) || bodies.has(bodyOf(one).Body!)),
    accepted.filter((one) => !bySid.has(one.sid!) && !bodies.has(bodyOf(one).Body!)),
  );
  verdict.check(
    "no row claims a sid that was not its own",
    accepted.every((one) => (bySid.get(one.sid!)?.body ?? bodyOf(one).Body) === bodyOf(one).Body),
  );
  const doubted = unknown.filter((row) => row.providerId !== null);
  verdict.check("none of which the sid is known is listed so", doubted.length === 0, doubted);
  verdict.check(
    "each that has no sid is listed as unknown",
    rows.every((row) => row.providerId !== null || row.errorCode === "UNKNOWN_OUTCOME"),
    rows.filter((row) => row.providerId === null && row.errorCode !== "UNKNOWN_OUTCOME"),
  );
  const told = outside.ledger().filter((one) => one.kind === "callback" && one.accepted);
  const behind = told.filter(
    (one) => rank(bySid.get(one.sid!)?.status ?? "delivered") < rank(bodyOf(one).MessageStatus!),
  );
  verdict.check("no status is behind what Twilio told and we acknowledged", behind.length === 0, behind);
  const states = Map.groupBy(rows, (row) => row.status);
  verdict.fact(
    `statuses: ${[...states].map(([status, group]) => `${status} ${group.length}`).join(", ")}; unknown: ${unknown.length}`,
  );
};

const textOf = (n: number): string => `number ${n} [[slow]]`;

/** Against the ledger: nothing twice, and nothing claimed that was not so. Answers how many runs are completed. */
const checkRuns = async ({ api, verdict, outside, count }: World, delivered: Delivered[]): Promise<number> => {
  const executions = await api.executionsOf(delivered.map(({ executionId }) => executionId));
  const failed = executions.filter(({ status }) => status !== "completed");
  const reasons = [...new Set(failed.map((one) => one.error_message))].join("; ");
  verdict.fact(`${count - failed.length} completed, ${failed.length} failed${reasons && `: ${reasons}`}`);
  const sends = outside.ledger().filter(({ kind, accepted }) => kind === "twilio.send" && accepted);
  const byText = Map.groupBy(sends, (one) => bodyOf(one).Body!);
  const twice = [...byText].filter(([, group]) => group.length > 1);
  verdict.check("no message was accepted twice", twice.length === 0, twice);
  const claimed = delivered.filter((_, index) => executions[index]!.status === "completed");
  const untrue = claimed.filter(({ n }) => !byText.has(textOf(n)));
  verdict.check("each completed run's message was accepted", untrue.length === 0, untrue);
  verdict.fact(`${byText.size} of ${count} messages were accepted`);
  return claimed.length;
};

const play = async (world: World): Promise<void> => {
  const { api, outside, product, verdict, count } = world;
  const { workflowId, url } = await setUp(world);
  const kills = killsAt(KILLS, count, async () => {
    // So that messages are on their way.
    await sleep(700);
    const killedAt = Date.now();
    await product.kill();
    const sent = outside.ledger().filter(({ kind }) => kind === "twilio.send");
    const open = sent.filter(({ at }) => at > killedAt - 1_000).length;
    verdict.fact(`killed after ${sent.length} requests, about ${open} of them not answered yet`);
    verdict.fact(`up again after ${Math.round(await product.start())} ms`);
  });
  const payload = (n: number) => ({ n, to: `+1415555${String(1000 + n)}` });
  const load = { url, count, connections: CONNECTIONS, name: "messages", payload };
  const delivered = await sendAll({ ...load, onAnswer: kills.onAnswer });
  await kills.over();
  const ids = delivered.map(({ executionId }) => executionId);
  const ended = async () => (await api.executionsOf(ids)).every(({ status }) => FINAL.has(status));
  verdict.check("all executions end", await until(ended, QUIET_MS));
  const completed = await checkRuns(world, delivered);
  const listed = await until(async () => (await api.total(workflowId, "completed")) === completed, LIST_MS);
  verdict.check("the list agrees", listed && (await api.total(workflowId)) === count);
  verdict.equal("there are no dead letters", await api.deadLetters(), 0);
  await product.stop();
  checkRows(world, outboundMessages(world.state));
};

export const messages: Scenario = { name: "messages", title: "Twilio messages under SIGKILL", play };
