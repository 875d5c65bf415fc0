// What the domain asks of an organisation's `Dispatcher` object. Types only.
import type { Asked, LineStatus, Place } from "./dispatch.ts";
import type { QueueLimits } from "./limits.ts";

export type DispatchStatus = {
  limits: QueueLimits;
  held: number;
  waiting: number;
  /** How long somebody who asked now would wait, in ms; null where nothing was measured. */
  waitMs: number | null;
  lines: LineStatus[];
};

export interface Queues {
  /** A slot for a run, or its place in the line. Idempotent by the run's id. */
  ask(organizationId: string, asked: Asked): Promise<Place>;
  leave(organizationId: string, executionId: string): Promise<void>;
  /** The limits have changed. */
  look(organizationId: string): Promise<void>;
  status(organizationId: string): Promise<DispatchStatus>;
  /** Of those that are here. */
  places(organizationId: string, executionIds: string[]): Promise<{ [executionId: string]: Place }>;
}
