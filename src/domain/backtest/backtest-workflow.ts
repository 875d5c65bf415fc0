// A workflow tried on the real events of a time: who would have got what by the draft and by the published version, and which gates would have
// refused it. Bounded, and says when it was cut. Leaves one audit row and nothing else.

import { answeredTemplateOf } from "../../db/queries/answered-templates.ts";
import { listPastEvents, type PastEvent } from "../../db/queries/past.ts";
import {
  type Candidate,
  candidateOf,
  type SubscriptionLookup,
  selectCandidates,
} from "../../db/queries/subscriptions.ts";
import { findVersion } from "../../db/queries/workflow-versions.ts";
import type { Program } from "../../engine/program.ts";
import { earliestId } from "../../lib/ids.ts";
import type { JsonObject } from "../../lib/json.ts";
import { pause } from "../../lib/pause.ts";
import { lookupKeys } from "../../triggers/match-event.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { invalid } from "../errors.ts";
import { answersTemplate, templatesAnswered } from "../event/answered-templates.ts";
import { runEventOf } from "../event/run-event.ts";
import type { StreamEvent } from "../event.ts";
import { redactorOf } from "../execution/redact.ts";
import type { Recording } from "../execution/what-if/recording.ts";
import { readPolicy } from "../message/policy.ts";
import { authorizeRole } from "../permission.ts";
import { readGlobals, withGlobals } from "../variable/globals.ts";
import { openWorkflow, requireAuthoring } from "../workflow/access.ts";
import { type Definition, programOf } from "../workflow/definition.ts";
import { requireRunnable } from "../workflow/enhanced/check-wire.ts";
import { judgeWorkflow } from "../workflow/enhanced/compile-workflow.ts";
import { type EnhancedWire, wireOf } from "../workflow/enhanced/workflow-data.ts";
import type { Workflow } from "../workflow/workflow.ts";
import {
  type EventTrial,
  type RecipientTrial,
  recipientsOf,
  type SideSummary,
  summaryOf,
  type Tried,
} from "./compare.ts";
import { Following } from "./following.ts";
import { PastFacts } from "./past-facts.ts";
import {
  type Claims,
  candidatesOf,
  matchPast,
  namedNodes,
  startedBy,
  targetNodes,
  typesOf,
  type Version,
} from "./past-matching.ts";
import { RealRuns } from "./real-runs.ts";
import { type TriedRun, tryRun } from "./try-run.ts";

export const MAX_BACKTEST_EVENTS = 1_000;
export const USUAL_BACKTEST_EVENTS = 100;

export type BacktestRequest = {
  /** Epoch ms, by when events were received; `until` is left out. */
  since: number;
  until: number;
  /** Events that concern the workflow. */
  limit: number;
  /** Tried in place of the draft: of a workflow of the enhanced API, with the trigger in short. */
  given?: Partial<Pick<EnhancedWire, "workflowData" | "triggerType" | "triggerConfig">>;
};

export type Backtest = {
  /** Null: never published. */
  publishedVersion: number | null;
  events: { tried: number; draftStarted: number; publishedStarted: number };
  /** Why it ends early, and behind which event; null when it does not. */
  truncated: { reason: "limit" | "time" | "recipients" | "reads"; at: number; eventId: string } | null;
  recipients: RecipientTrial[];
  draft: SideSummary;
  published: SideSummary | null;
  /** Events for which one started and the other did not. */
  starts: { eventId: string; type: string; occurredAt: number; draft: string | null; published: string | null }[];
  notes: string[];
  durationMs: number;
};

/** Of one page; each may hold 256 KB. */
const PAGE = 50;
/** Events that are read at the most, for each that may be tried: webhooks and executions of other workflows are passed over. */
const READ_FOR_EACH = 10;
const MAX_REAL_MS = 20_000;
const MAX_RECIPIENTS = 2_000;
const MAX_STARTS = 200;
/** Calls of the database and of executions: production's D1 takes 1,000 of one request. */
const MAX_READS = 800;

/** What besides the workflow itself decides who starts. */
type Heard = { others: Candidate[]; templates: ReadonlyMap<string, readonly string[]> };

type Side = {
  version: Version;
  candidates: Candidate[];
  claims: Claims;
  sent: Map<string, { sender: string; at: number }[]>;
  runs: TriedRun[];
};

/** Throws `not_found`, `forbidden`, `invalid_input`, `execution_refused` with the errors of a draft that cannot run. */
export const backtestWorkflow = async (
  context: Context,
  workflowId: string,
  { since, until, limit, given }: BacktestRequest,
): Promise<Backtest> => {
  const workflow = await openWorkflow(context, workflowId, "execute");
  // Its answer tells who people are, and what they wrote.
  authorizeRole(context.principal, "viewer", "read");
  if (since >= until) throw invalid("until", "Must be after since.");
  const { ports } = context;
  const { organizationId } = workflow;
  const begun = ports.now();
  const sideOf = (version: Version): Side => ({
    version,
    candidates: candidatesOf(version, { organizationId, workflowId }),
    claims: new Map(),
    sent: new Map(),
    runs: [],
  });
  const draft = sideOf({ id: "draft", program: draftOf(workflow, given) });
  const row = workflow.publishedVersionId
    ? await findVersion(ports.db, organizationId, workflow.publishedVersionId)
    : undefined;
  const published = row
    ? sideOf({ id: row.id, program: programOf(row.definition as Definition, "execution_refused") })
    : null;
  const about = { action: "workflow.backtested", targetType: "workflow", targetId: workflowId };
  const [policy, channels, globals] = await Promise.all([
    readPolicy(ports.db, organizationId),
    ports.channels(organizationId),
    readGlobals(ports.db, organizationId),
    ports.db.batch([auditStatement(context, about)]),
  ]);
  const facts = new PastFacts(ports.db, { organizationId, workflowId, since }, { policy, channels });
  const walk = new Walk(context, { organizationId, workflowId, facts, globals, draft, published });
  const truncated = await walk.run({ since, until, limit, begun });
  const result: Backtest = {
    publishedVersion: row?.number ?? null,
    ...walk.told(),
    truncated,
    durationMs: Math.max(0, ports.now() - begun),
  };
  const programs = [draft, published].flatMap((side) => (side ? [side.version.program] : []));
  const secrets = programs.flatMap(({ settings }) => settings.secrets ?? []);
  const redact = redactorOf(
    secrets,
    programs.map(({ variables }) => variables),
  );
  return redact(result);
};

/** Throws `conflict` for a drawing of a workflow that is not drawn, `invalid_definition` for one that cannot run. */
const draftOf = (workflow: Workflow, given: BacktestRequest["given"]): Program => {
  if (!given) return programOf(workflow.definition, "execution_refused");
  requireAuthoring(workflow, "enhanced");
  const judged = judgeWorkflow({ ...wireOf(workflow), ...given });
  const named = judged.findings.map((one) => ({ ...one, path: one.path.replace(/^workflowData\b/, "definition") }));
  return requireRunnable({ ...judged, findings: named });
};

type Bounds = Pick<BacktestRequest, "since" | "until" | "limit"> & { begun: number };

/** What is tried beside what. */
type Sides = {
  organizationId: string;
  workflowId: string;
  facts: PastFacts;
  globals: JsonObject;
  draft: Side;
  published: Side | null;
};

/** One walk through the events of a time. */
class Walk {
  readonly #context: Context;
  readonly #of: Sides;
  readonly #recipients: RecipientTrial[] = [];
  readonly #starts: Backtest["starts"] = [];
  readonly #runs: RealRuns;
  readonly #following: Following;
  readonly #executions = new Map<string, string>();
  readonly #answered = { recorded: 0 };
  readonly #events = { tried: 0, draftStarted: 0, publishedStarted: 0 };
  #tooLarge = 0;
  /** Calls of the database that are made here. */
  #own = 0;

  constructor(context: Context, of: Sides) {
    this.#context = context;
    this.#runs = new RealRuns(context);
    this.#following = new Following(context, of.facts);
    this.#of = of;
  }

  async run({ since, until, limit, begun }: Bounds): Promise<Backtest["truncated"]> {
    const { ports } = this.#context;
    const { organizationId, workflowId, draft, published } = this.#of;
    const types = [...new Set([draft, published].flatMap((side) => (side ? typesOf(side.version) : [])))];
    const toId = earliestId(until);
    let afterId = earliestId(since);
    for (let read = 0; read < limit * READ_FOR_EACH + PAGE; read += PAGE) {
      this.#own += 3;
      const page = await listPastEvents(ports.db, organizationId, { types, workflowId, afterId, toId, limit: PAGE });
      const events = page.flatMap((past) => this.#eventOf(past) ?? []);
      const listeners = await this.#listenersOf(events);
      for (const event of events) {
        const at = { at: event.occurredAt, eventId: event.id };
        if (this.#events.tried === limit) return { reason: "limit", ...at };
        if (ports.now() - begun > MAX_REAL_MS) return { reason: "time", ...at };
        if (this.#reads >= MAX_READS) return { reason: "reads", ...at };
        if (this.#recipients.length >= MAX_RECIPIENTS) return { reason: "recipients", ...at };
        this.#events.tried++;
        await this.#try(event, listeners);
        // Others wait in this isolate, and its clock stands still meanwhile.
        await pause(0);
      }
      const last = page.at(-1);
      if (!last || page.length < PAGE) return null;
      afterId = last.id;
      if (read + PAGE >= limit * READ_FOR_EACH + PAGE)
        return { reason: "limit", at: last.occurredAt, eventId: last.id };
    }
    return null;
  }

  told(): Omit<Backtest, "publishedVersion" | "truncated" | "durationMs"> {
    const { draft, published, facts } = this.#of;
    return {
      events: this.#events,
      recipients: this.#recipients,
      draft: summaryOf(draft.runs),
      published: published && summaryOf(published.runs),
      starts: this.#starts,
      notes: [
        "Consent, WhatsApp's window and frequency caps are as they were then; people's tags, attributes and addresses, channels, the messaging policy, global variables and the published version are as they are now",
        "Other actions were answered by their mocks, and so were requests that nothing is recorded of; a sender's rate was not judged",
        ...(this.#answered.recorded > 0
          ? [`${this.#answered.recorded} requests were answered as the executions of that time were`]
          : []),
        ...(this.#runs.left > 0 ? ["Of so many executions not all were read for what they had been answered"] : []),
        ...(facts.presentConsents > 0
          ? [`${facts.presentConsents} times there was no history of a consent, and the present one was taken`]
          : []),
        ...(this.#tooLarge > 0 ? [`${this.#tooLarge} events were too large to be tried`] : []),
        ...(published ? [] : ["The workflow has never been published: there is nothing to compare the draft with"]),
      ],
    };
  }

  /** Null: it is not about the workflow. */
  #eventOf(past: PastEvent): StreamEvent | null {
    const { organizationId, workflowId } = this.#of;
    if (past.data === null) {
      this.#tooLarge++;
      return null;
    }
    const event: StreamEvent = {
      id: past.id,
      organizationId,
      type: past.type,
      source: past.source,
      data: past.data,
      ...(past.contactId === null ? {} : { contactId: past.contactId }),
      ...(past.conversationId === null ? {} : { conversationId: past.conversationId }),
      ...(past.headers === null ? {} : { headers: past.headers }),
      occurredAt: past.occurredAt,
      depth: past.depth,
    };
    const executionId = startedBy(past.outcome, workflowId);
    if (executionId !== undefined) this.#executions.set(event.id, executionId);
    const nodeIds = namedNodes(past.outcome, workflowId);
    const { draft, published } = this.#of;
    const isByHand = event.type === "MANUAL_TRIGGER" && nodeIds?.length === 0;
    const programs = [draft, published].flatMap((side) => (side ? [side.version.program] : []));
    const own = isByHand ? [] : nodeIds && targetNodes(event, nodeIds, programs);
    if (own) return { ...event, target: { workflowId, nodeIds: own } };
    const isHeard = [draft, published].some((side) =>
      side?.candidates.some(({ eventType }) => eventType === event.type),
    );
    return isHeard ? event : null;
  }

  async #listenersOf(events: readonly StreamEvent[]): Promise<Heard> {
    const { db } = this.#context.ports;
    const { organizationId, workflowId, facts } = this.#of;
    const lookups: SubscriptionLookup[] = [...Map.groupBy(events, ({ type }) => type)].map(([eventType, ofType]) => ({
      organizationId,
      eventType,
      matchKeys: [...new Set(ofType.flatMap((event) => lookupKeys(runEventOf(event))))],
    }));
    const answers = events.flatMap(answersTemplate);
    const [others, answered] = await Promise.all([
      lookups.length > 0 ? selectCandidates(db, lookups).all() : { results: [] },
      answers.length > 0 ? templatesAnswered(db, answers).all() : { results: [] },
      facts.load(events.flatMap(({ contactId }) => contactId ?? [])),
    ]);
    return {
      others: others.results.map(candidateOf).filter((candidate) => candidate.workflowId !== workflowId),
      templates: new Map(
        answered.results
          .map(answeredTemplateOf)
          .flatMap(({ id, templateIds }) => (templateIds.length > 0 ? [[id, templateIds] as const] : [])),
      ),
    };
  }

  async #try(event: StreamEvent, listeners: Heard): Promise<void> {
    const { draft, published } = this.#of;
    const tried: EventTrial = {
      event: { id: event.id, type: event.type, occurredAt: event.occurredAt, contactId: event.contactId ?? null },
      draft: await this.#trySide(event, draft, listeners),
      published: published && (await this.#trySide(event, published, listeners)),
    };
    if (tried.draft.run) this.#events.draftStarted++;
    if (tried.published?.run) this.#events.publishedStarted++;
    if (
      tried.published &&
      (tried.draft.run === null) !== (tried.published.run === null) &&
      this.#starts.length < MAX_STARTS
    ) {
      const { id: eventId, type, occurredAt } = event;
      this.#starts.push({ eventId, type, occurredAt, draft: tried.draft.missed, published: tried.published.missed });
    }
    this.#recipients.push(...recipientsOf(tried));
  }

  async #trySide(event: StreamEvent, side: Side, { others, templates }: Heard): Promise<Tried> {
    const { ports } = this.#context;
    const { workflowId, facts, globals } = this.#of;
    const contact = facts.contact(event.contactId);
    const { start, missed } = await matchPast(event, side.version, {
      workflowId,
      claims: side.claims,
      templates,
      candidates: [...side.candidates, ...others],
      contacts: contact ? [contact] : [],
    });
    if (!start) return { run: null, missed };
    const isByHand = event.type === "MANUAL_TRIGGER" && event.target !== undefined;
    const variables = withGlobals(globals, side.version.program.variables, isByHand ? event.data : {});
    const recording = { read: null as Promise<Recording | null> | null };
    const run = await tryRun(
      side.version.program,
      { ...start, variables },
      {
        now: ports.now,
        code: ports.code,
        facts,
        sent: side.sent,
        answered: this.#answered,
        recorded: () => {
          recording.read ??= this.#runs.recordingOf(this.#executions.get(event.id));
          return recording.read;
        },
        next: (type, contactId, after, until) => this.#following.events(type, contactId, after, until),
      },
    );
    side.runs.push(run);
    return { run, missed: null };
  }

  get #reads(): number {
    return this.#own + this.#of.facts.reads + this.#runs.reads + this.#following.reads;
  }
}
