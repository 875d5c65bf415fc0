// In what two runs differ: nodes, outputs, variables, what was sent, and when. Nodes are the same by id and visit. Pure.
import type { FinalStatus } from "../../../engine/contract.ts";
import { canonicalJson, type Json, own } from "../../../lib/json.ts";
import type { ExecutionView, NodeVisitView } from "../../ports.ts";
import { type Done, type MessageDone, messageOf } from "./done.ts";
import { placeOf } from "./recording.ts";

export type RunSide = { view: ExecutionView; done: readonly Done[] };

type Place = { nodeId: string; visit: number };
type Pair<T> = { original: T; fork: T };
type Times = { startedAt: number; completedAt: number | null };

export type SentMessage = MessageDone & { at: number };

export type RunDifferences = {
  status: Pair<ExecutionView["status"] | FinalStatus> | null;
  onlyOriginal: Place[];
  onlyFork: Place[];
  outputs: (Place & Pair<Json>)[];
  ports: (Place & Pair<string | null>)[];
  variables: ({ name: string } & Pair<Json>)[];
  messages: (Place & { change: "added" | "removed" | "changed" } & Pair<SentMessage | null>)[];
  /** Other things done outside that one did and the other did not. */
  actions: (Place & { action: string; change: "added" | "removed" | "changed" })[];
  timing: (Place & Pair<Times | null>)[];
};

const isSame = (a: Json, b: Json): boolean => canonicalJson(a) === canonicalJson(b);

const byPlace = <T extends Place>(all: readonly T[]): Map<string, T> =>
  new Map(all.map((one) => [placeOf(one.nodeId, one.visit), one]));

const placed = ({ nodeId, visit }: Place): Place => ({ nodeId, visit });

/** Nothing that differs only in when it happened counts as a difference, but for `timing`. */
export const diffRuns = (original: RunSide, fork: RunSide): RunDifferences => {
  const before = byPlace(original.view.visits);
  const after = byPlace(fork.view.visits);
  const both = fork.view.visits.flatMap((visit): [NodeVisitView, NodeVisitView][] => {
    const known = before.get(placeOf(visit.nodeId, visit.visit));
    return known ? [[known, visit]] : [];
  });
  return {
    status:
      original.view.status === fork.view.status ? null : { original: original.view.status, fork: fork.view.status },
    onlyOriginal: original.view.visits.filter((one) => !after.has(placeOf(one.nodeId, one.visit))).map(placed),
    onlyFork: fork.view.visits.filter((one) => !before.has(placeOf(one.nodeId, one.visit))).map(placed),
    outputs: both.flatMap(([was, is]) =>
      isSame(was.output, is.output) ? [] : [{ ...placed(is), original: was.output, fork: is.output }],
    ),
    ports: both.flatMap(([was, is]) =>
      was.port === is.port ? [] : [{ ...placed(is), original: was.port, fork: is.port }],
    ),
    variables: diffVariables(original.view, fork.view),
    ...diffDone(original.done, fork.done),
    timing: [
      ...both.map(([was, is]) => ({ ...placed(is), original: timesOf(was), fork: timesOf(is) })),
      ...original.view.visits
        .filter((one) => !after.has(placeOf(one.nodeId, one.visit)))
        .map((one) => ({ ...placed(one), original: timesOf(one), fork: null })),
      ...fork.view.visits
        .filter((one) => !before.has(placeOf(one.nodeId, one.visit)))
        .map((one) => ({ ...placed(one), original: null, fork: timesOf(one) })),
    ],
  };
};

const timesOf = ({ startedAt, completedAt }: NodeVisitView): Times => ({ startedAt, completedAt });

const diffVariables = (original: ExecutionView, fork: ExecutionView): RunDifferences["variables"] =>
  [...new Set([...Object.keys(original.variables), ...Object.keys(fork.variables)])].sort().flatMap((name) => {
    const pair = { original: original.variables[name] ?? null, fork: fork.variables[name] ?? null };
    return isSame(pair.original, pair.fork) ? [] : [{ name, ...pair }];
  });

const sentOf = (done: Done | undefined): MessageDone | null =>
  done && done.outcome !== "failed" ? messageOf(done) : null;

/** Where it went, once that is known. */
const shown = (message: MessageDone | null, done: Done | undefined): SentMessage | null => {
  if (!message || !done) return null;
  const named = (name: "channel" | "to"): string | null => {
    const value = own(done.output, name);
    return typeof value === "string" ? value : message[name];
  };
  return { ...message, channel: named("channel"), to: named("to"), at: done.at };
};

const diffDone = (original: readonly Done[], fork: readonly Done[]): Pick<RunDifferences, "messages" | "actions"> => {
  const before = byPlace(original);
  const after = byPlace(fork);
  const found: Pick<RunDifferences, "messages" | "actions"> = { messages: [], actions: [] };
  for (const place of new Set([...before.keys(), ...after.keys()])) {
    const was = before.get(place);
    const is = after.get(place);
    const at = placed((is ?? was)!);
    const isMessage = [was, is].some((one) => one && messageOf(one) !== null);
    if (isMessage) {
      const sent = { original: sentOf(was), fork: sentOf(is) };
      const change = changeOf(sent.original, sent.fork);
      const pair = { original: shown(sent.original, was), fork: shown(sent.fork, is) };
      if (change) found.messages.push({ ...at, change, ...pair });
      continue;
    }
    const change = changeOf(was?.input ?? null, is?.input ?? null);
    if (change) found.actions.push({ ...at, action: (is ?? was)!.action, change });
  }
  return found;
};

const changeOf = (was: Json, is: Json): "added" | "removed" | "changed" | undefined => {
  if (was === null) return is === null ? undefined : "added";
  if (is === null) return "removed";
  return isSame(was, is) ? undefined : "changed";
};
