// What every consumer does around its work: messages are parsed, acknowledged one by one, tried again alone, and buried when nothing helps.
// A batch that fails as a whole is tried again as one; if it comes back, message by message, so that one bad message holds up no other. While
// the database is away no message is at fault: all wait, longer and longer, and none becomes a dead letter that has another way to come back.
import type { z } from "zod";
import type { Letter } from "../domain/dead-letter/store.ts";
import { failureOf } from "../domain/failure-of.ts";
import { QUEUES, type QueueName } from "./catalogue.ts";

/** Messages that could not be processed, with the reason. */
export type Failures<T> = Map<T, string>;

type Consumer<T> = {
  /** Answers those that failed; throws when the batch as a whole did. */
  process: (messages: readonly T[]) => Promise<Failures<T>>;
  bury: (letters: readonly Letter[]) => Promise<void>;
  /** True for what is sent again by whoever keeps it, even when it is acknowledged here unprocessed. */
  comesAgain: (message: T) => boolean;
};

/** Messages that failed because something is away. */
type Waiting = Map<Message, { comesAgain: boolean }>;

/** Before the next delivery while something is away: 4, 8, 16 … up to 300 seconds. */
const pauseOf = ({ attempts }: Message): number => Math.min(2 ** (attempts + 1), 300);

export const settle = async <T>(
  batch: MessageBatch,
  queue: QueueName,
  schema: z.ZodType<T>,
  consumer: Consumer<T>,
): Promise<void> => {
  const parsed = new Map<T, Message>();
  const failed = new Map<Message, string>();
  const waiting: Waiting = new Map();
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
      if (failureOf(error)?.code === "unavailable") {
        for (const message of messages) {
          failed.set(parsed.get(message)!, reason);
          waiting.set(parsed.get(message)!, { comesAgain: consumer.comesAgain(message) });
        }
        return;
      }
      const repeated = messages.some((message) => parsed.get(message)!.attempts > 1);
      if (messages.length === 1 || !repeated) for (const message of messages) failed.set(parsed.get(message)!, reason);
      else for (const message of messages) await process([message]);
    }
  };
  await process([...parsed.keys()]);
  await conclude(batch, queue, failed, waiting, consumer);
};

const conclude = async <T>(
  batch: MessageBatch,
  queue: QueueName,
  failed: ReadonlyMap<Message, string>,
  waiting: Waiting,
  consumer: Consumer<T>,
): Promise<void> => {
  const last = [...failed].filter(([message]) => message.attempts > QUEUES[queue].retries);
  const left = new Set(last.flatMap(([message]) => (waiting.get(message)?.comesAgain ? [message] : [])));
  const given = last.filter(([message]) => !left.has(message));
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
    if (left.has(message)) message.ack();
    else message.retry(waiting.has(message) ? { delaySeconds: pauseOf(message) } : undefined);
  }
};

export const letterOf = (message: Message, error: string): Letter => ({
  id: message.id,
  body: message.body,
  error,
  attempts: message.attempts,
});
