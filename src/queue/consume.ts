// Which consumer a queue's batch goes to. Whatever was processed may leave something that must wake later: the sweeper is made sure of, rarely.
import type { Env } from "../env.ts";
import { SWEEP_MS, sweeperStub } from "../objects/rpc.ts";
import { consumeDead, queueOfDead } from "./dead.ts";
import { consumeEvents } from "./events.ts";
import { consumeProjections } from "./projections.ts";

const CONSUMERS = { events: consumeEvents, projections: consumeProjections };

export const consume = async (batch: MessageBatch, env: Env): Promise<void> => {
  const dead = queueOfDead(batch.queue);
  if (dead) return consumeDead(batch, dead, env);
  const consumer = CONSUMERS[batch.queue as keyof typeof CONSUMERS];
  if (!consumer) throw new Error(`no consumer for the queue ${batch.queue}`);
  await consumer(batch, env);
  await ensureSweeper(env);
};

/** When this isolate last asked; epoch ms. */
let ensuredAt = 0;

/** Asks at most once in SWEEP_MS. */
export const ensureSweeper = async (env: Env): Promise<void> => {
  const now = Date.now();
  if (Math.abs(now - ensuredAt) < SWEEP_MS) return;
  ensuredAt = now;
  try {
    await sweeperStub(env).ensure();
  } catch (error) {
    ensuredAt = 0;
    console.error(JSON.stringify({ at: "sweeper.ensure", message: String(error) }));
  }
};
