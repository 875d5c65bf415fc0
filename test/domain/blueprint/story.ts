// A starter at work without a platform: instantiated, compiled, started by its event, run to its end by a clock of its own.
import { fillContent } from "../../../src/domain/blueprint/fill.ts";
import { starters } from "../../../src/domain/blueprint/starters/index.ts";
import { readValues } from "../../../src/domain/blueprint/variables.ts";
import { simulate } from "../../../src/domain/execution/simulate.ts";
import { viewOf } from "../../../src/domain/execution/view.ts";
import { VirtualClock } from "../../../src/domain/execution/virtual-clock.ts";
import { judgeWorkflow } from "../../../src/domain/workflow/enhanced/compile-workflow.ts";
import type { EffectResult, RunEvent } from "../../../src/engine/contract.ts";
import { newState } from "../../../src/engine/state.ts";
import type { Json, JsonObject } from "../../../src/lib/json.ts";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const START = Date.UTC(2026, 11, 1, 9);

export const ann = {
  id: "c1",
  external_id: "ann",
  name: "Ann Miller",
  phone: "+4915112345678",
  email: "ann@example.com",
  tags: [] as string[],
  attributes: { first_name: "Ann" },
  consent_state: "OPT_IN",
};

/** An event that comes so long after the start; filters decide whom it concerns. */
export type Coming = { after: number; type: string; data?: JsonObject; contact?: JsonObject };

type Story = {
  variables?: JsonObject;
  event: { type: string; data?: JsonObject; contact?: JsonObject | null };
  comings?: Coming[];
  /** How an action ends; undefined: well. */
  fails?: (action: string, input: JsonObject) => boolean;
};

/** All values that the starters ask for and have no default. */
export const VALUES: JsonObject = {
  business_name: "Mill & Co",
  shop_url: "https://shop.example/",
  review_url: "https://shop.example/review",
  terms_url: "https://shop.example/terms",
  offer: "10% off everything.",
  crm_url: "https://crm.example/leads",
  large_email: "large@example.com",
  team_email: "team@example.com",
  on_call_phone: "+4915112345678",
  escalation_phone: "+4915187654321",
  target_url: "https://target.example/in",
  alert_email: "alerts@example.com",
};

/** Those that a starter asks for, and what is wanted otherwise. */
export const valuesFor = (id: string, more: JsonObject = {}): JsonObject => {
  const given = { ...VALUES, ...more };
  const asked = starters
    .get(id)!
    .variables.filter(({ name, defaultValue }) => name in given && (defaultValue === undefined || name in more));
  return Object.fromEntries(asked.map(({ name }) => [name, given[name]!]));
};

export type Done = { action: string; input: JsonObject; after: number };

const eventOf = ({ after, type, data = {}, contact = ann }: Coming, index: number): RunEvent => ({
  id: `e${index}`,
  type,
  source: "test",
  data,
  occurredAt: START + after,
  conversationId: "v1",
  ...(contact && { contact }),
});

export const tell = async (id: string, { variables = {}, event, comings = [], fails = () => false }: Story) => {
  const blueprint = starters.get(id)!;
  const { values, problems } = readValues(blueprint.variables, valuesFor(id, variables));
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const filled = fillContent(blueprint.content, values);
  const { program, findings } = judgeWorkflow({ ...filled, templateId: id, triggers: [] });
  if (!program) throw new Error(JSON.stringify(findings));
  const { contact = ann, ...rest } = event;
  const first = eventOf({ after: 0, ...rest }, 0);
  if (contact) first.contact = contact;
  else delete first.contact;
  const clock = new VirtualClock(() => START);
  const state = newState();
  const done: Done[] = [];
  await simulate({
    program,
    state,
    clock,
    arrivals: [
      {
        at: START,
        input: {
          type: "start",
          flags: 1,
          executionId: "x",
          organizationId: "o",
          workflowId: "w",
          versionId: "v",
          startNodes: [],
          event: first,
          variables: {},
          metadata: {},
          dryRun: false,
        },
      },
    ],
    world: {
      now: () => START,
      perform: async ({ action, input }, at): Promise<{ result: EffectResult }> => {
        const order = input as JsonObject;
        done.push({ action, input: order, after: at - START });
        if (fails(action, order))
          return {
            result: {
              outcome: "failed",
              error: { code: "REFUSED", message: "It was refused", retryable: false } as never,
            },
          };
        return { result: { outcome: "ok", output: { status: 200, provider_id: `p${done.length}` } as Json } };
      },
      listen: async (_, at) =>
        comings.flatMap((coming, index) =>
          START + coming.after > at ? [{ event: eventOf(coming, index + 1), at: START + coming.after }] : [],
        ),
    },
  });
  const view = viewOf(state, { commits: 0, stuck: null }, program, clock.now());
  const of = (action: string) => done.filter((one) => one.action === action);
  return {
    status: view.status,
    error: view.error,
    path: view.path,
    output: view.output,
    findings,
    program,
    done,
    texts: of("message.send").map(({ input }) => String(input.text)),
    sentAfter: of("message.send").map(({ after }) => after),
    tags: of("contact.tag").map(({ input }) => input.tag_name),
    untagged: of("contact.untag").map(({ input }) => input.tag_name),
    notes: of("contact.note").map(({ input }) => String(input.note)),
    mails: of("email.send").map(({ input }) => input),
    requests: of("http.request").map(({ input }) => input),
    updates: of("contact.update").map(({ input }) => input.attributes),
    opened: of("conversation.set_status").length,
  };
};
