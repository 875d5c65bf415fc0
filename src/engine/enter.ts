// Meeting a node: builds what its type may see, asks it, and turns a broken template inside it into a failed node.

import type { Json, JsonObject } from "../lib/json.ts";
import { isJsonObject } from "../lib/json.ts";
import type { Outcome, Signal, Visit } from "./contract.ts";
import { secretsIn } from "./expression/secret-text.ts";
import { type CompiledValue, compileValue, renderValue, templateField } from "./expression/value.ts";
import { TooMuchWork, Work } from "./expression/work.ts";
import { evaluateWritten } from "./expression/written-condition.ts";
import { ANY_DIGITS, ESCAPED_HTML, OWNED_REPLIES, POSTPONED_FILTERS } from "./flags.ts";
import { MAX_VISIT_WORK } from "./limits.ts";
import { lookupIn } from "./lookup.ts";
import { isMeasured } from "./measure.ts";
import type { ProgramNode } from "./program.ts";
import type { Token, VisitRecord } from "./state.ts";
import type { Stepping } from "./stepping.ts";

/** Thrown by what a node type calls while it is asked, and caught right here: a fault in the author's text, not in ours. */
class RenderFailure extends Error {}

/** Compiled once an object: configurations live as long as their program. */
const compiledValues = new WeakMap<object, CompiledValue>();

const compiledOf = (value: Json): CompiledValue => {
  const key = typeof value === "object" && value !== null ? value : undefined;
  const known = key && compiledValues.get(key);
  if (known) return known;
  const compiled = compileValue(value);
  if (!compiled.ok)
    throw new RenderFailure(compiled.error.map((fault) => `${fault.path}: ${fault.message}`).join("; "));
  if (key) compiledValues.set(key, compiled.value);
  return compiled.value;
};

const visitOf = (stepping: Stepping, node: ProgramNode, token: Token, work: Work | undefined): Visit => {
  const { draft, now } = stepping;
  const { run } = draft;
  const variables = () => [...draft.variables.keys()].map((name) => draft.variables.get(name)!);
  const holdsSecret = (run.flags & POSTPONED_FILTERS) === 0 ? undefined : secretsIn(variables);
  const render = (compiled: CompiledValue, locals?: JsonObject, isHtml = false): Json => {
    const env = { now, work, holdsSecret, isHtml };
    const rendered = renderValue(compiled, lookupIn(draft, token.frame, locals), env);
    if (!rendered.ok) {
      throw new RenderFailure(
        rendered.error.path ? `${rendered.error.path}: ${rendered.error.message}` : rendered.error.message,
      );
    }
    return rendered.value;
  };
  let config: JsonObject | undefined;
  return {
    nodeId: node.id,
    // Rendered when it is first read: a node that only passes its result on does not pay for it again.
    get config() {
      if (!config) {
        const rendered = render(node.rendered);
        config = isJsonObject(rendered) ? { ...node.config, ...rendered } : node.config;
        for (const field of (run.flags & ESCAPED_HTML) === 0 ? [] : (node.type.html?.(config) ?? [])) {
          const compiled = templateField(node.rendered, field);
          if (compiled) config = { ...config, [field]: render(compiled, undefined, true) };
        }
      }
      return config;
    },
    input: inputOf(draft.visits, run.event.data, node, token),
    lookup: lookupIn(draft, token.frame),
    now,
    evaluate: (tree, locals) => {
      const lookup = lookupIn(draft, token.frame, locals);
      return evaluateWritten(
        tree,
        (value) => render(compiledOf(value), locals),
        (path) => lookup(path.split(".")),
        { now, work },
      );
    },
    render: (value, locals) => render(compiledOf(value), locals),
    memo: token.memo,
    round: node.type.kind === "loop" ? roundOf(stepping, token) : 0,
    run: {
      executionId: run.executionId,
      organizationId: run.organizationId,
      workflowId: run.workflowId,
      dryRun: run.dryRun,
      ownsReplies: (run.flags & OWNED_REPLIES) !== 0,
      readsAnyDigits: (run.flags & ANY_DIGITS) !== 0,
    },
    connected: [...node.targets.keys()],
  };
};

const roundOf = (stepping: Stepping, token: Token): number => {
  for (const frame of stepping.draft.frames.values())
    if (frame.token === token.id && frame.parent !== null) return frame.round;
  return 0;
};

/** What the branches bring: the event's data at a start, one output, or for a join the outputs by node id. */
export const inputOf = (
  visits: { get(n: number): VisitRecord | undefined },
  eventData: Json,
  node: ProgramNode,
  token: Pick<Token, "from">,
): Json => {
  const before = token.from.map((n) => visits.get(n)).filter((visit) => visit !== undefined);
  if (node.type.joins) return Object.fromEntries(before.map((visit) => [visit.node, visit.output]));
  return before[0] ? before[0].output : eventData;
};

/** The node's answer to being entered, or to the signal that it waited for. */
export const ask = (stepping: Stepping, node: ProgramNode, token: Token, signal?: Signal): Outcome => {
  const work = isMeasured(stepping.draft) ? new Work(MAX_VISIT_WORK) : undefined;
  try {
    const visit = visitOf(stepping, node, token, work);
    if (!signal) return node.type.enter(visit);
    if (!node.type.resume) throw new Error(`${node.type.type} waited but cannot resume`);
    return node.type.resume(visit, signal);
  } catch (error) {
    if (error instanceof RenderFailure) {
      return { kind: "fail", error: { code: "TEMPLATE_ERROR", message: error.message, retryable: false } };
    }
    if (error instanceof TooMuchWork) {
      const message = "The conditions do too much work";
      return { kind: "fail", error: { code: "BUDGET_EXCEEDED", message, retryable: false } };
    }
    throw error;
  } finally {
    stepping.work += work?.used ?? 0;
  }
};
