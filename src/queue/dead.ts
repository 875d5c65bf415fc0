// Consumer of the dead-letter queues: what the platform gave up, because a consumer died over it again and again, becomes a row that people see.
import { storeDeadLetters } from "../domain/dead-letter/store.ts";
import type { Env } from "../env.ts";
import { outboxStub } from "../objects/rpc.ts";
import { eventMessage, QUEUES, type QueueName } from "./catalogue.ts";
import { letterOf } from "./settle.ts";

/** The queue whose dead letters `name` holds. */
export const queueOfDead = (name: string): QueueName | undefined =>
  (Object.keys(QUEUES) as QueueName[]).find((queue) => QUEUES[queue].dead === name);

export const consumeDead = async (batch: MessageBatch, queue: QueueName, env: Env): Promise<void> => {
  const attempts = QUEUES[queue].retries + 1;
  const letters = batch.messages.map((message) => ({
    ...letterOf(message, `Not processed in ${attempts} deliveries`),
    attempts,
  }));
  await storeDeadLetters(env.DB, queue, letters);
  if (queue === "events") {
    for (const { body } of letters) {
      const message = eventMessage.safeParse(body).data;
      if (message) await outboxStub(env, message.outbox).acknowledge([message.id]);
    }
  }
  batch.ackAll();
};
