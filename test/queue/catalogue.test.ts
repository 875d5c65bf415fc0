// The queues as wrangler.toml configures them are the queues that the code believes in.
import { describe, expect, it } from "vitest";
import { QUEUES } from "../../src/queue/catalogue.ts";
import { queueOfDead } from "../../src/queue/dead.ts";
import wrangler from "../../wrangler.toml?raw";

/** `name = value` lines of each [[queues.consumers]]. */
const consumers = wrangler
  .split(/^\[\[/m)
  .filter((section) => section.startsWith("queues.consumers]]"))
  .map((section) =>
    Object.fromEntries([...section.matchAll(/^(\w+) = "?([^"\n]*)"?$/gm)].map((match) => [match[1], match[2]])),
  );

describe("queues", () => {
  it.each(Object.entries(QUEUES))("%s: retries and dead letters are what wrangler.toml says", (name, queue) => {
    const consumer = consumers.find((one) => one.queue === name);
    expect(consumer).toMatchObject({
      max_retries: String(queue.retries),
      retry_delay: String(queue.retryDelaySeconds),
      dead_letter_queue: queue.dead,
    });
  });

  it("has a consumer for the dead letters of each, and none that nobody knows", () => {
    const known = Object.entries(QUEUES).flatMap(([name, queue]) => [name, queue.dead]);
    expect(consumers.map((one) => one.queue).toSorted()).toEqual(known.toSorted());
    expect(known.map(queueOfDead)).toEqual([undefined, "events", undefined, "projections"]);
  });

  it("leaves no option of a consumer to a default, which differs between here and production", () => {
    for (const consumer of consumers) {
      expect(Object.keys(consumer)).toEqual(
        expect.arrayContaining(["max_batch_size", "max_batch_timeout", "max_retries"]),
      );
    }
  });
});
