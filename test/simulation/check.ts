// What must hold of a run: after every crash, by what is durable; a day after its end, by what it says of itself; and at rest, by all the ledgers.
import type { ExecutionView } from "../../src/domain/ports.ts";
import { compile } from "../../src/engine/compile.ts";
import { isFinal } from "../../src/engine/contract.ts";
import type { Program } from "../../src/engine/program.ts";
import { applyDelta, newState } from "../../src/engine/state.ts";
import { step } from "../../src/engine/step.ts";
import { nodeTypes } from "../../src/nodes/index.ts";
import { ExecutionStore } from "../../src/objects/execution/store.ts";
import { plain } from "../engine/kit.ts";
import type { ObjectHost } from "./platform.ts";
import type { Scenario } from "./scenarios.ts";
import { ROOT, type Stage } from "./simulate.ts";
import { LiveSql } from "./sql.ts";
import type { Witness } from "./witness.ts";

const ORGANIZATION = "org";
/** By which a crash may put things off, when alarms are in time: a duty is looked after sooner than the sweeper comes (60 s). */
export const MOST_DELAY_MS = 40_000;

type Inspection = {
  view: ExecutionView | null;
  journal: { seq: number; input: { type: string; key?: string; result?: { outcome: string } } }[] | null;
  verified: { equal: boolean; inputs: number } | null;
};
const inspections = new WeakMap<Stage, Map<string, Inspection>>();

const programs = new Map<string, Program>();
const programOf = (stage: Stage, versionId: string): Program => {
  const known = programs.get(versionId);
  if (known) return known;
  const { program, findings } = compile(stage.running.definitions.get(versionId)!, nodeTypes);
  if (!program) throw new Error(`${versionId}: ${JSON.stringify(findings)}`);
  programs.set(versionId, program);
  return program;
};

/** I2, I5: whatever was cut off, what is durable is the fold of a journal without a gap. */
export const checkAfterCrash = (stage: Stage, host: ObjectHost): void => {
  const sql = new LiveSql(host.durable, () => {});
  const store = new ExecutionStore(sql as unknown as SqlStorage);
  const stored = store.load();
  if (stored?.state.run) {
    const program = programOf(stage, stored.state.run.versionId);
    const folded = newState();
    for (const { seq, input } of store.journal()) {
      applyDelta(folded, step(program, folded, input).delta);
      if (seq > stored.meta.seq)
        stage.world.violate(`${host.name}: journal ${seq} is ahead of the state (${stored.meta.seq})`);
    }
    if (sorted(plain(folded)) !== sorted(plain(stored.state)))
      stage.world.violate(`${host.name}: the journal does not fold to the stored state`);
  }
  sql.close();
};

/** The same text for the same records, whatever order they came in. */
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_key, inner) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

/** A day after the end: the object is woken from its storage and asked. */
export const inspect = async (stage: Stage, witness: Witness, name: string): Promise<void> => {
  const host = stage.platform.host(name);
  host.life?.die();
  const ask = <T>(method: string) => stage.outside.insist<T>(name, method, [ORGANIZATION]);
  const found = inspections.get(stage) ?? new Map<string, Inspection>();
  inspections.set(stage, found);
  found.set(name, {
    verified: await ask<Inspection["verified"]>("verify"),
    journal: await ask<Inspection["journal"]>("journal"),
    view: await ask<ExecutionView | null>("read"),
  });
  if (!witness.of(name).final) stage.world.violate(`${name}: looked at before its end`);
};

/** Nothing can happen any more. `scenario` null: it may have ended in any way. */
export const checkAtRest = (stage: Stage, witness: Witness, scenario: Scenario | null): void => {
  const { world, platform, outside } = stage;
  const found = inspections.get(stage) ?? new Map<string, Inspection>();
  if (!witness.of(ROOT).final) world.violate(`${ROOT}: stands still, and nobody will wake it`);
  for (const [name, host] of platform.hosts) {
    const { final, seq } = witness.of(name);
    if (!final) {
      if (seq > 0) world.violate(`${name}: stands still, and nobody will wake it`);
      continue;
    }
    if (host.durable.length > 0 || host.durableAlarm !== null) world.violate(`${name}: has not deleted itself`);
    const inspection = found.get(name);
    if (!inspection?.view || !inspection.journal) {
      world.violate(`${name}: could not be read a day after its end`);
      continue;
    }
    const { view, journal, verified } = inspection;
    if (!verified?.equal || verified.inputs !== seq)
      world.violate(`${name}: verify() says ${JSON.stringify(verified)}`);
    if (journal.some((row, index) => row.seq !== index + 1)) world.violate(`${name}: the journal has a gap`);
    if (view.status !== final.status || view.stuck) world.violate(`${name}: reads ${view.status} ${view.stuck ?? ""}`);
    const row = outside.index.get(name);
    if (row?.status !== final.status || row.seq !== seq || row.endedAt !== final.endedAt || row.nextWakeAt !== null)
      world.violate(`${name}: the index says ${JSON.stringify(row)}, the run ended as ${final.status} at #${seq}`);
    checkParent(stage, found, name, scenario !== null);
    checkSteps(stage, name, view);
  }
  checkLedger(stage);
  if (scenario) checkWaiters(stage, witness);
  const root = found.get(ROOT)?.view;
  if (scenario && root) checkEnd(stage, scenario, root);
};

/** A waiter's row may outlive its run, but not the first event that it takes there for nothing. */
const checkWaiters = ({ world, outside }: Stage, witness: Witness): void => {
  for (const { executionId, eventType } of outside.waiters.values()) {
    const endedAt = witness.of(executionId).final?.endedAt ?? world.now;
    const came = outside.log.some(({ event, at }) => event.type === eventType && at > endedAt + 60_000);
    if (came) world.violate(`${executionId}: wakes for every ${eventType}, and its end was long ago`);
  }
};

/** A waited child's end is in its parent's journal once, and nowhere else. */
const checkParent = (
  { world }: Stage,
  found: ReadonlyMap<string, Inspection>,
  name: string,
  isPrompt: boolean,
): void => {
  const key = name.startsWith(`child-of-${ROOT}-`) ? name.slice(`child-of-${ROOT}-`.length).replaceAll("-", ":") : null;
  const parent = key === null ? undefined : found.get(ROOT);
  if (!parent?.journal) return;
  const told = parent.journal.filter(
    ({ input }) =>
      input.type === "result" && input.key === key && ["ok", "failed"].includes(input.result?.outcome ?? ""),
  );
  const step = parent.view?.visits.find((visit) => `${visit.nodeId}:${visit.n}` === key);
  // It may have given up on the child before, or have been cancelled.
  const isTold = step?.status === "completed" || step?.error?.code === "SUBWORKFLOW_FAILED";
  if (told.length !== (isTold ? 1 : 0)) world.violate(`${name}: its parent took its end ${told.length} times`);
  // Nobody waits for it any more, so it has been ended as well.
  const leftAt = step && !isTold ? step.completedAt : null;
  const endedAt = found.get(name)?.view?.endedAt;
  if (isPrompt && leftAt != null && endedAt != null && endedAt > leftAt + MOST_DELAY_MS)
    world.violate(`${name}: outlived the step that waited for it by ${endedAt - leftAt} ms`);
};

/** A step that completed by a request had a request that was accepted. */
const checkSteps = ({ world, provider }: Stage, name: string, view: ExecutionView): void => {
  for (const { nodeId, n, nodeType, status } of view.visits) {
    if (view.dryRun || status !== "completed" || !["action_webhook", "action_chat_message"].includes(nodeType))
      continue;
    const key = `${name}:${nodeId}:${n}`;
    if (!provider.ledger.some((one) => one.key === key && one.accepted))
      world.violate(`${key}: completed without a request`);
  }
};

const checkLedger = ({ world, provider }: Stage): void => {
  const bodies = new Map<string, string>();
  const messages = new Map<string, number>();
  for (const { kind, key, body, accepted } of provider.ledger) {
    if ((bodies.get(key) ?? body) !== body) world.violate(`${key}: another request under the same key`);
    bodies.set(key, body);
    if (kind === "message" && accepted) messages.set(key, (messages.get(key) ?? 0) + 1);
  }
  for (const [key, times] of messages) if (times > 1) world.violate(`${key}: ${times} messages were accepted`);
  for (const key of bodies.keys()) {
    if (!/^[\w-]+:\w+:\d+$/.test(key)) world.violate(`${key} is no step key`);
  }
};

const checkEnd = ({ world }: Stage, scenario: Scenario, view: ExecutionView): void => {
  const { status, path, error } = view;
  if (isFinal(status) && !scenario.ends.includes(status)) world.violate(`ended as ${status}: ${error?.message}`);
  const visited = [...path].sort();
  if (status === "completed" && scenario.path && visited.join() !== scenario.path.join())
    world.violate(`went ${visited.join()} and not ${scenario.path.join()}`);
};
