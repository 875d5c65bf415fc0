// A provider that misbehaves in every way of the catalogue, one message each: how each run ends, how often Twilio was asked and how often it
// accepted, and what the row says in the end.
import type { BehaviourName } from "../../fixtures/stand-in/behaviour.ts";
import type { Entry } from "../../fixtures/stand-in/ledger.ts";
import { FINAL } from "../api.ts";
import { until } from "../outside.ts";
import type { Scenario, World } from "../scenario.ts";
import { outboundMessages } from "../state.ts";

/** Of one message. `unknown`: the run fails, because nobody knows, and the row says so. */
type Expectation = { run: "completed" | "failed" | "unknown"; accepted: 0 | 1; status?: string };

/** A behaviour, or one for the first so many attempts. */
type Order = BehaviourName | `${BehaviourName}*${number}`;

const EXPECTED: Partial<Record<Order, Expectation>> = {
  ok: { run: "completed", accepted: 1, status: "delivered" },
  slow: { run: "completed", accepted: 1, status: "delivered" },
  "429*1": { run: "completed", accepted: 1, status: "delivered" },
  "500*1": { run: "completed", accepted: 1, status: "delivered" },
  "503*1": { run: "completed", accepted: 1, status: "delivered" },
  "400": { run: "failed", accepted: 0 },
  // It came to pass, and the answer did not come back whole, or not at all: the message is found at Twilio.
  truncated: { run: "completed", accepted: 1, status: "delivered" },
  "reset-accepted": { run: "completed", accepted: 1, status: "delivered" },
  "html-accepted": { run: "completed", accepted: 1, status: "delivered" },
  hang: { run: "completed", accepted: 1, status: "delivered" },
  late: { run: "completed", accepted: 1, status: "delivered" },
  "hang-silent": { run: "completed", accepted: 1, status: "queued" },
  // It did not come to pass, and nobody can say so.
  html: { run: "unknown", accepted: 0 },
  reset: { run: "unknown", accepted: 0 },
  "hang-refused": { run: "unknown", accepted: 0 },
  "callbacks-none": { run: "completed", accepted: 1, status: "queued" },
  "callbacks-early": { run: "completed", accepted: 1, status: "delivered" },
  "callbacks-repeated": { run: "completed", accepted: 1, status: "delivered" },
  "callbacks-shuffled": { run: "completed", accepted: 1, status: "delivered" },
  "callbacks-unknown": { run: "completed", accepted: 1, status: "queued" },
};

const play = async ({ api, outside, product, verdict, state }: World): Promise<void> => {
  const workflowId = await api.publish(
    "Tell",
    {
      begin: ["trigger_manual", {}],
      tell: [
        "action_chat_message",
        {
          message: "[[{{ variables.order }}]]",
          to: "{{ variables.to }}",
          channel: "sms",
          retry: { max_attempts: 3, backoff_seconds: 0.1 },
        },
      ],
    },
    [["begin", "output", "tell"]],
  );
  const orders = Object.keys(EXPECTED) as Order[];
  const ids = await Promise.all(
    orders.map((order, n) => api.execute(workflowId, { order, to: `+1415555${2000 + n}` })),
  );
  const ended = async () => (await api.executionsOf(ids)).every(({ status }) => FINAL.has(status));
  verdict.check("all executions end", await until(ended, 240_000));
  const executions = await api.executionsOf(ids);
  const callbacks = () => outside.ledger().filter(({ kind }) => kind === "callback");
  // The last callbacks are on their way still: their number stands still when they are through.
  const counts = [-1];
  await until(() => counts.push(callbacks().length) > 0 && counts.at(-1) === counts.at(-2), 10_000);
  verdict.equal(
    "every callback was answered with 200, also those of unknown messages",
    callbacks()
      .filter((one) => one.status !== 200)
      .map((one) => [one.status, one.url]),
    [],
  );
  verdict.equal("there are no dead letters", await api.deadLetters(), 0);
  await product.stop();

  const rows = outboundMessages(state);
  const sends = outside.ledger().filter(({ kind }) => kind === "twilio.send");
  for (const [n, order] of orders.entries()) {
    const expected = EXPECTED[order]!;
    const text = `[[${order}]]`;
    const own = sends.filter((one: Entry) => (one.body as { Body: string }).Body === text);
    const row = rows.find((one) => one.body === text);
    const { status, error_message: why } = executions[n]!;
    const listed = row?.errorCode === "UNKNOWN_OUTCOME";
    const run = listed ? (status === "failed" ? "unknown" : `${status}, but listed as unknown`) : status;
    const found = {
      run,
      accepted: own.filter((one) => one.accepted).length,
      ...(expected.status && { status: row?.status }),
    };
    verdict.check(
      `${order}: ${expected.run}, accepted ${expected.accepted} time${expected.accepted === 1 ? "" : "s"}${expected.status ? `, ${expected.status}` : ""}`,
      JSON.stringify(found) === JSON.stringify(expected),
      { ...found, asked: own.length, why, row },
    );
  }
};

export const providerFaults: Scenario = { name: "provider-faults", title: "a provider that misbehaves", play };
