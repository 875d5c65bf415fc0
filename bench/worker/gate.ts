// Holds the queue `events` back while accepting is measured alone. What is held stays with the local queue, as behind a busy consumer.

const LOOK_MS = 100;

let closed = false;

export const gate = {
  close(): void {
    closed = true;
  },
  open(): void {
    closed = false;
  },
  /** Looks again and again: a promise must not be resolved from another request. */
  async passed(queue: string): Promise<void> {
    while (closed && queue === "events") await scheduler.wait(LOOK_MS);
  },
};
