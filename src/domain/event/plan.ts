// What one event does, decided from what was read for its batch: the runs that it starts, the waits that it ends, and an outcome that says why.
// Pure but for hashing ids.
import type { REFUSED } from "../../db/queries/executions.ts";
import type { Target } from "../../db/queries/subscriptions.ts";
import type { RunEvent } from "../../engine/contract.ts";
import {
  type ConditionFailure,
  type ConditionTree,
  evaluateCondition,
  fieldsOf,
} from "../../engine/expression/condition.ts";
import { judgedWithin, MAX_EVENT_WORK, Work } from "../../engine/expression/work.ts";
import type { Json } from "../../lib/json.ts";
import { filterFields } from "../../triggers/filter-fields.ts";
import { lookupKeys, matchEvent } from "../../triggers/match-event.ts";
import type { RunClaim } from "../contact/claim-run.ts";
import { contactView } from "../contact/view.ts";
import { MAX_EVENT_DEPTH, type StreamEvent } from "../event.ts";
import { executionIdOf } from "../execution/execution-id.ts";
import type { StartRequest } from "../ports.ts";
import { closedAt, type StartRules } from "../workflow/start-rules.ts";
import { Listening } from "./listening.ts";
import type { Listeners } from "./read-listeners.ts";
import { runEventOf } from "./run-event.ts";
import { heardAs, isOptOut, stopOfWords } from "./words.ts";

export type Plan = {
  event: StreamEvent;
  runEvent: RunEvent;
  /** The higher priority first. */
  starts: StartRequest[];
  /** By the run's id; absent is 0. */
  priorities: ReadonlyMap<string, number>;
  /** Of `starts`, those that the contact may not have any number of. */
  capped: Capped[];
  /** In the order of their rows. */
  deliveries: { executionId: string; key: string; row: number }[];
  outcome: Outcome;
  /** What the filters cost, in units of engine/expression/work.ts. */
  work: number;
};

export type Capped = { contactId: string; claim: RunClaim };

/** Without `nodeId`: the workflow as a whole. */
type Miss = { workflowId: string; nodeId?: string; reason: string; failed?: ConditionFailure };

/** PERSISTED CONTRACT: events.outcome. */
export type Outcome = {
  started: { workflowId: string; executionId: string; nodeIds: string[] }[];
  /** Waits that were told; the first MAX_LISTED. */
  delivered: { executionId: string; key: string }[];
  /** Who listened and was not started, and why; the first MAX_LISTED. */
  missed: Miss[];
  /**
   * Why nobody was asked at all (`depth`); why no keyword, command and template was (words.ts); `budget`: why not all that matched were started;
   * `refused`: an execution by hand that could not be accepted.
   */
  stopped?: "depth" | ReturnType<typeof stopOfWords> | "budget" | typeof REFUSED;
};

const MAX_LISTED = 50;
/** What is listed shows so much of a value that a filter read or wanted, in characters of JSON. */
const MAX_SHOWN = 500;

/** `listening`: made of the listeners' candidates, once for all events of a batch. */
export const planEvent = async (
  event: StreamEvent,
  listeners: Listeners,
  now: number,
  listening = new Listening(listeners.candidates),
): Promise<Plan> => {
  const { organizationId, contactId } = event;
  const contact = listeners.contacts.find((row) => row.organizationId === organizationId && row.id === contactId);
  const runEvent = withTemplate(runEventOf(event, contact && contactView(contact)), listeners.templates.get(event.id));
  const stopped = stopOf(event);
  // The word wins over every pending question as well.
  const ofWaits = new Work(MAX_EVENT_WORK);
  const deliveries = isOptOut(event) ? [] : deliveriesOf(event, runEvent, listeners, { now, total: ofWaits });
  const judging = { now, total: new Work(MAX_EVENT_WORK) };
  const { chosen, missed } = withinTime(
    stopped === "depth" ? { chosen: [], missed: [] } : choose(event, runEvent, { ...listeners, listening }, judging),
    now,
  );
  const starts = await Promise.all(
    chosen.map(async ({ workflowId, versionId, nodeIds }): Promise<StartRequest> => {
      const executionId = await executionIdOf(event, workflowId);
      return {
        executionId,
        organizationId,
        workflowId,
        versionId,
        startNodes: nodeIds,
        event: runEvent,
        variables: {},
        metadata: {},
        dryRun: false,
        eventDepth: event.depth,
      };
    }),
  );
  const capped = starts.flatMap(({ executionId, workflowId }, index): Capped[] => {
    const { perContact } = chosen[index]!.rules ?? {};
    if (!perContact || contactId === undefined) return [];
    return [{ contactId, claim: { workflowId, executionId, ...perContact } }];
  });
  const started = [
    ...(event.executed ? [await startedByHand(event, event.executed)] : []),
    ...starts.map(({ workflowId, executionId, startNodes }) => ({ workflowId, executionId, nodeIds: startNodes })),
  ];
  return {
    event,
    runEvent,
    starts,
    priorities: new Map(starts.flatMap(({ executionId }, index) => rankOf(executionId, chosen[index]!))),
    capped,
    deliveries,
    work: ofWaits.used + judging.total.used,
    outcome: {
      started,
      delivered: deliveries.slice(0, MAX_LISTED).map(({ executionId, key }) => ({ executionId, key })),
      missed: missed.slice(0, MAX_LISTED).map(listed),
      ...(stopped ? { stopped } : {}),
    },
  };
};

const rankOf = (executionId: string, { priority = 0 }: Choice): [string, number][] =>
  priority === 0 ? [] : [[executionId, priority]];

/** In the order of their priorities; what may not start now is missed. */
const withinTime = ({ chosen, missed }: Chosen, now: number): Chosen => {
  const closed = chosen.flatMap(({ workflowId, rules = null }) => {
    const reason = closedAt(rules, now);
    return reason === undefined ? [] : [{ workflowId, reason }];
  });
  const isClosed = new Set(closed.map(({ workflowId }) => workflowId));
  return {
    chosen: chosen
      .filter(({ workflowId }) => !isClosed.has(workflowId))
      .sort((a, b) => (b.priority ?? 0) - (a.priority ?? 0)),
    missed: [...closed, ...missed],
  };
};

/** An event may be large, and fifty filters may have read all of it. */
const listed = (miss: Miss): Miss =>
  miss.failed
    ? { ...miss, failed: { ...miss.failed, expected: shown(miss.failed.expected), actual: shown(miss.failed.actual) } }
    : miss;

const shown = (value: Json): Json => {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= MAX_SHOWN ? value : `${text.slice(0, MAX_SHOWN)}…`;
};

/** What a template's trigger and templates read of it. */
const withTemplate = (event: RunEvent, templateIds: readonly string[] | undefined): RunEvent =>
  templateIds
    ? { ...event, data: { ...event.data, template_id: templateIds[0]!, template_ids: [...templateIds] } }
    : event;

const startedByHand = async (
  event: StreamEvent,
  { workflowId }: NonNullable<StreamEvent["executed"]>,
): Promise<Outcome["started"][number]> => ({
  workflowId,
  executionId: await executionIdOf(event, workflowId),
  nodeIds: [],
});

/** A chain of events that cause each other ends. */
const stopOf = (event: StreamEvent): Outcome["stopped"] => {
  if (event.depth >= MAX_EVENT_DEPTH) return "depth";
  return stopOfWords(event);
};

type Choice = {
  workflowId: string;
  versionId: string;
  nodeIds: string[];
  rules?: StartRules | null;
  /** The highest of the triggers that matched; 0 when absent. */
  priority?: number;
};

type Judging = { now: number; total: Work };

type Asked = Pick<Listeners, "targets"> & { listening: Listening };

type Chosen = { chosen: Choice[]; missed: Miss[] };

/** Its target, if it has one, and whoever subscribes; a workflow that is both runs once, from the nodes of both. */
const choose = (event: StreamEvent, runEvent: RunEvent, { targets, listening }: Asked, judging: Judging): Chosen => {
  const subscribed = chooseSubscribed(event, runEvent, listening, judging);
  if (event.executed) return subscribed;
  const targeted = event.target ? chooseTarget(event, event.target, targets) : { chosen: [], missed: [] };
  const [target] = targeted.chosen;
  const others = subscribed.chosen.filter(({ workflowId }) => workflowId !== target?.workflowId);
  const own = subscribed.chosen.find(({ workflowId }) => workflowId === target?.workflowId);
  const missed = [...targeted.missed, ...subscribed.missed];
  if (!target) return { chosen: others, missed };
  // A target without nodes begins where the workflow begins by itself; naming some would leave the others out.
  const nodeIds = target.nodeIds.length === 0 ? [] : [...new Set([...target.nodeIds, ...(own?.nodeIds ?? [])])];
  return { chosen: [{ ...target, nodeIds }, ...others], missed };
};

const chooseSubscribed = (
  event: StreamEvent,
  runEvent: RunEvent,
  listening: Listening,
  { now, total }: Judging,
): Chosen => {
  const keys = new Set(stopOfWords(event) ? [] : lookupKeys(runEvent));
  const { index, ofWorkflow } = listening.of(event);
  // What somebody executed runs already, from all of its triggers: that it subscribes as well starts nothing, and misses nothing.
  const except = event.executed?.workflowId;
  const { starts, misses } = matchEvent(runEvent, index, { now, total, keys, maxMisses: MAX_LISTED, except });
  const chosen = [...starts].map(([workflowId, nodeIds]) => {
    const own = ofWorkflow.get(workflowId)!.filter(({ matchKey }) => matchKey === null || keys.has(matchKey));
    const { versionId, rules = null } = own.at(-1)!;
    const matched = own.filter((one) => one.nodeIds.some((id) => nodeIds.includes(id)));
    const priority = Math.max(...matched.map((one) => one.priority ?? 0));
    return { workflowId, versionId, nodeIds, rules: rules as StartRules | null, priority };
  });
  return { chosen: chosen.filter(({ workflowId }) => workflowId !== except), missed: misses };
};

const chooseTarget = (
  { organizationId, type }: StreamEvent,
  { workflowId, nodeIds }: NonNullable<StreamEvent["target"]>,
  targets: readonly Target[],
): Chosen => {
  const missed = (reason: string): Chosen => ({
    chosen: [],
    missed: nodeIds.length > 0 ? nodeIds.map((nodeId) => ({ workflowId, nodeId, reason })) : [{ workflowId, reason }],
  });
  const target = targets.find((one) => one.organizationId === organizationId && one.workflowId === workflowId);
  if (!target) return missed("The workflow no longer exists");
  if (target.status !== "active" || target.versionId === null) return missed(`The workflow is ${target.status}`);
  const choice = (nodes: string[]): Chosen => ({
    chosen: [{ workflowId, versionId: target.versionId!, nodeIds: nodes }],
    missed: [],
  });
  const present = nodeIds.filter((id) => Object.hasOwn(target.triggers, id));
  if (present.length > 0 || nodeIds.length === 0) return choice(present);
  // Published anew since it was accepted. A webhook is the workflow's, whichever nodes listen to it now; a schedule is its node's.
  if (type === "SCHEDULED") return missed("The schedule's node is no longer in the workflow");
  return choice(Object.keys(target.triggers).filter((id) => target.triggers[id] === "trigger_webhook"));
};

/** The run itself judges filters that read more than the event; the others are judged here, to spare the call. */
const deliveriesOf = (
  event: StreamEvent,
  runEvent: RunEvent,
  { waiting, toldTo }: Pick<Listeners, "waiting" | "toldTo">,
  { now, total }: Judging,
): Plan["deliveries"] => {
  const fieldOf = filterFields(runEvent);
  const told = toldTo.get(event.id) ?? -1;
  return waiting
    .filter((wait) => {
      if (wait.organizationId !== event.organizationId || !heardAs(event).includes(wait.eventType)) return false;
      if (wait.contactId !== null && wait.contactId !== event.contactId) return false;
      if (wait.row <= told || wait.since > event.occurredAt) return false;
      const filters = wait.filters as ConditionTree | null;
      if (filters === null || !fieldsOf(filters).every((field) => field.startsWith("event."))) return true;
      // What is too much work here is judged by the run that asked for it.
      return judgedWithin(total, (work) => evaluateCondition(filters, fieldOf, { now, work }).matched) ?? true;
    })
    .map(({ executionId, waitKey, row }) => ({ executionId, key: waitKey, row }))
    .sort((a, b) => a.row - b.row);
};
