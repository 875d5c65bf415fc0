// A run's journal folded once more, for whoever wants to be sure of what is stored. Changes nothing.
import type { Context } from "../context.ts";
import { readHistory } from "./read-history.ts";
import { type Replayed, replay } from "./replay.ts";

/** `kept`: whether there is a journal. Throws `not_found`, `forbidden`. */
export const replayExecution = async (context: Context, id: string): Promise<Replayed & { kept: boolean }> => {
  const { kept, redact } = await readHistory(context, id, "execute");
  if (!kept) {
    const reason = "The journal is not kept any more: the execution has deleted itself after its time";
    const nothing = { steps: 0, differences: [], durationMs: 0 };
    return { kept: false, equal: null, reason, seq: 0, ...nothing };
  }
  const replayed = await replay(kept.program, kept.history, context.ports.now);
  return {
    ...replayed,
    kept: true,
    differences: redact(replayed.differences),
  };
};
