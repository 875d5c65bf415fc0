// What every consumer does around its work: messages are parsed, acknowledged one by one, tried again alone, and buried when nothing helps.
// A batch that fails as a whole is tried again as one; if it comes back, message by message, so that one bad message holds up no other.
import type { z } from "zod";
import type { Letter } from "../domain/dead-letter/store.ts";
import { QUEUES, type QueueName } from "./catalogue.ts";

/** Messages that could not be processed, with the reason. */
export type Failures<T> = Map<T, string>;

type Consumer<T> = {
  /** Answers those that failed; throws when the batch as a whole did. */
  process: (messages: readonly T[]) => Promise<Failures<T>>;
  bury: (letters: readonly Letter[]) => Promise<void>;
};

export const settle = async <T>(
  batch: MessageBatch,
  queue: QueueName,
  schema: z.ZodType<T>,
  consumer: Consumer<T>,
): Promise<void> => {
  const parsed = new Map<T, Message>();
  const failed = new Map<Message, string>();
  for (const message of batch.messages) {
    const body = schema.safeParse(message.body);
    if (body.success) parsed.set(body.data, message);
    else failed.set(message, `Unreadable: ${body.error.issues[0]!.path.join(".")}: ${body.error.issues[0]!.message}`);
  }
  const process = async (messages: readonly T[]): Promise<void> => {
    if (messages.length === 0) return;
    try {
      const failures = await consumer.process(messages);
      for (const [message, reason] of failures) failed.set(parsed.get(message)!, reason);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const repeated = messages.some((message) => parsed.get(message)!.attempts > 1);
      if (messages.length === 1 || !repeated) for (const message of messages) failed.set(parsed.get(message)!, reason);
      else for (const message of messages) await process([message]);
    }
  };
  await process([...parsed.keys()]);
  await conclude(batch, queue, failed, consumer);
};

const conclude = async <T>(
  batch: MessageBatch,
  queue: QueueName,
  failed: ReadonlyMap<Message, string>,
  consumer: Consumer<T>,
): Promise<void> => {
  const given = [...failed].filter(([message]) => message.attempts > QUEUES[queue].retries);
  const buried = new Set<Message>();
  if (given.length > 0) {
    try {
      await consumer.bury(given.map(([message, error]) => letterOf(message, error)));
      for (const [message] of given) buried.add(message);
    } catch (error) {
      // Then they go to the dead-letter queue by the platform's own hand.
      console.error(JSON.stringify({ at: `${queue}.bury`, message: String(error) }));
    }
  }
  for (const message of batch.messages) {
    const reason = failed.get(message);
    if (reason === undefined || buried.has(message)) {
      message.ack();
      continue;
    }
    console.error(
      JSON.stringify({ at: `${queue}.failed`, id: message.id, attempts: message.attempts, message: reason }),
    );
    message.retry();
  }
};

export const letterOf = (message: Message, error: string): Letter => ({
  id: message.id,
  body: message.body,
  error,
  attempts: message.attempts,
});
