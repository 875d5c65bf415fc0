// Consumer of the queue `projections`: runs' reports of themselves become index rows and steps, in bulk. One D1 batch of two statements,
// whatever the batch's size. Counters and rollups follow by trigger.
import { databaseOf } from "../domain/database.ts";
import { storeDeadLetters } from "../domain/dead-letter/store.ts";
import { projectExecutions } from "../domain/execution/project.ts";
import type { Env } from "../env.ts";
import { projectionMessage } from "./catalogue.ts";
import { settle } from "./settle.ts";

export const consumeProjections = (batch: MessageBatch, env: Env): Promise<void> =>
  settle(batch, "projections", projectionMessage, {
    process: async (messages) => {
      await projectExecutions(databaseOf(env.DB), messages, Date.now());
      return new Map();
    },
    bury: (letters) => storeDeadLetters(databaseOf(env.DB), "projections", letters, Date.now()),
    // The sweeper asks again only for runs that are listed.
    comesAgain: () => false,
  });
