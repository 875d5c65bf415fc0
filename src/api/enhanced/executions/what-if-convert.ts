// Where the wire names of what-if meet ours.
import type { z } from "zod";
import type { SentMessage } from "../../../domain/execution/what-if/diff-runs.ts";
import type { ForkRequest, ForkResult } from "../../../domain/execution/what-if/fork-execution.ts";
import { defined } from "../../../lib/defined.ts";
import { timeOf, timeOrNull } from "../convert.ts";
import type { forkBody } from "./what-if-schema.ts";

export const fromFork = ({ fromSeq, version, overrides = {} }: z.output<typeof forkBody>): ForkRequest => {
  const { variables, outputs, event, contact } = overrides;
  return {
    fromSeq,
    ...defined({ version }),
    overrides: defined({ variables, outputs, event, contact }),
  };
};

const toSide = ({ version, status, startedAt, endedAt, path, output, error }: ForkResult["fork"]) => ({
  version,
  status,
  startedAt: timeOf(startedAt),
  completedAt: timeOrNull(endedAt),
  durationMs: endedAt === null ? null : Math.max(0, endedAt - startedAt),
  path,
  output,
  error,
});

const toMessage = (message: SentMessage | null) => message && { ...message, at: timeOf(message.at) };

type Times = { startedAt: number; completedAt: number | null };
const toTimes = (times: Times | null) =>
  times && { startedAt: timeOf(times.startedAt), completedAt: timeOrNull(times.completedAt) };

/** How much later the fork was through with it. */
const differenceOf = (original: Times | null, fork: Times | null): number | null => {
  if (!original || !fork) return null;
  return (fork.completedAt ?? fork.startedAt) - (original.completedAt ?? original.startedAt);
};

export const toFork = (result: ForkResult) => {
  const { status, onlyOriginal, onlyFork, outputs, ports, variables, messages, actions, timing } = result.differences;
  const { executionId, fromSeq, seq, answers, unmapped, notes, steps, stopped, durationMs } = result;
  const lists = [onlyOriginal, onlyFork, outputs, ports, variables, messages, actions];
  return {
    executionId,
    fromSeq,
    seq,
    at: timeOf(result.at),
    equal: status === null && lists.every((list) => list.length === 0),
    original: toSide(result.original),
    fork: toSide(result.fork),
    differences: {
      status,
      nodes: { onlyOriginal, onlyFork },
      outputs,
      ports,
      variables,
      messages: messages.map((one) => ({ ...one, original: toMessage(one.original), fork: toMessage(one.fork) })),
      actions,
      timing: timing.map(({ original, fork, ...place }) => ({
        ...place,
        original: toTimes(original),
        fork: toTimes(fork),
        differenceMs: differenceOf(original, fork),
      })),
    },
    answers,
    unmapped,
    notes,
    steps,
    truncated: stopped,
    durationMs,
  };
};
