// Waits until a server answers `GET /health` with 200.
import { setTimeout as sleep } from "node:timers/promises";

const PAUSE_MS = 100;
const ANSWER_MS = 5_000;

/** True when it did within `withinMs`, false when the time is over or `signal` fires. */
export const awaitHealth = async (origin: string, withinMs: number, signal: AbortSignal): Promise<boolean> => {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline && !signal.aborted) {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    const answer = await fetch(`${origin}/health`, { signal: patience }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.status === 200) return true;
    await sleep(PAUSE_MS);
  }
  return false;
};
