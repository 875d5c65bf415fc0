// Many webhook calls at once, by senders who do what real ones do: a call without a 2xx is made again, with the same id of its delivery.
import { setTimeout as sleep } from "node:timers/promises";

export type Delivered = {
  n: number;
  executionId: string;
  /** Epoch ms at which the call that was answered left. */
  sentAt: number;
  /** Epoch ms at which the first call left: an unanswered one may have been accepted all the same. */
  firstSentAt: number;
  /** How long its answer took. */
  ms: number;
  /** Calls that were not answered with 2xx before it. */
  failures: number;
};

export type Load = {
  url: string;
  count: number;
  connections: number;
  /** The ids of the deliveries; two loads to one webhook must differ. */
  name: string;
  payload: (n: number) => object;
  onAnswer?: (answered: number) => void;
};

/** A server that is gone is called again after this, in ms. */
const PAUSE_MS = 50;
/** An answer that never comes: the server was killed while the connection was kept. */
const PATIENCE_MS = 30_000;

const call = async ({ url, name, payload }: Load, n: number): Promise<{ executionId: string } | undefined> => {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": `${name}-${n}` },
      body: JSON.stringify(payload(n)),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await answer.text();
    if (answer.status >= 400 && answer.status < 500) throw new RangeError(`${answer.status}: ${text}`);
    if (!answer.ok) return undefined;
    const { data } = JSON.parse(text) as { data: { execution_id: string } };
    return { executionId: data.execution_id };
  } catch (error) {
    // Refused for what it is: calling again would not help.
    if (error instanceof RangeError) throw error;
    return undefined;
  }
};

/** A server that does not come back. */
const GIVE_UP_MS = 600_000;

/** Every delivery until it is answered with 2xx; throws when that takes longer than GIVE_UP_MS. */
export const sendAll = async (load: Load): Promise<Delivered[]> => {
  const delivered: Delivered[] = [];
  const deadline = Date.now() + GIVE_UP_MS;
  let next = 0;
  const sender = async () => {
    while (next < load.count) {
      const n = next++;
      const firstSentAt = Date.now();
      for (let failures = 0; ; failures++) {
        const sentAt = Date.now();
        const started = performance.now();
        const answer = await call(load, n);
        if (answer) {
          delivered.push({ n, sentAt, firstSentAt, ms: performance.now() - started, failures, ...answer });
          load.onAnswer?.(delivered.length);
          break;
        }
        if (Date.now() > deadline) throw new Error(`delivery ${n} was not answered with 2xx`);
        await sleep(PAUSE_MS);
      }
    }
  };
  await Promise.all(Array.from({ length: load.connections }, sender));
  return delivered;
};

/** The value below which `share` of them lie; NaN of none. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};

export const spread = (values: readonly number[]): string =>
  `p50 ${Math.round(percentile(values, 0.5))} ms, p95 ${Math.round(percentile(values, 0.95))} ms, longest ${Math.round(Math.max(...values))} ms`;
