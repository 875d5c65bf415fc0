// Consumer of the dead-letter queues: what the platform gave up, because a consumer died over it again and again, becomes a row that people see.
import { databaseOf } from "../domain/database.ts";
import { storeDeadLetters } from "../domain/dead-letter/store.ts";
import { failureOf } from "../domain/failure-of.ts";
import type { Env } from "../env.ts";
import { QUEUES, type QueueName } from "./catalogue.ts";
import { buryEvents } from "./events.ts";
import { letterOf } from "./settle.ts";

/** The queue whose dead letters `name` holds. */
export const queueOfDead = (name: string): QueueName | undefined =>
  (Object.keys(QUEUES) as QueueName[]).find((queue) => QUEUES[queue].dead === name);

/** While the database is away, in seconds: with 100 retries they wait for eight hours. */
const PAUSE_SECONDS = 300;

export const consumeDead = async (batch: MessageBatch, queue: QueueName, env: Env): Promise<void> => {
  const attempts = QUEUES[queue].retries + 1;
  const letters = batch.messages.map((message) => ({
    ...letterOf(message, `Not processed in ${attempts} deliveries`),
    attempts,
  }));
  try {
    if (queue === "events") await buryEvents(letters, env);
    else await storeDeadLetters(databaseOf(env.DB), queue, letters, Date.now());
    batch.ackAll();
  } catch (error) {
    if (failureOf(error)?.code !== "unavailable") throw error;
    batch.retryAll({ delaySeconds: PAUSE_SECONDS });
  }
};
