// What a workflow's live stream tells, as it is kept by its Feed and as it goes out. Times are ISO 8601 UTC, durations milliseconds. No value of an
// output is in here: it may be a secret, and who may see it reads it from the run itself.

/** PERSISTED CONTRACT: fields are only ever added. */
export type ExecutionStarted = {
  workflowId: string;
  executionId: string;
  versionId: string;
  status: "running" | "queued";
  /** Type of the event that started it. */
  triggerType: string;
  testMode: boolean;
  parentExecutionId: string | null;
  /** 1 to 10, 10 first. */
  priority: number;
  startedAt: string;
  /** The same, as every event of a run or of its workflow has it: when it happened. */
  timestamp: string;
};

export type OutputSummary = {
  type: "null" | "boolean" | "number" | "string" | "array" | "object";
  /** Of an object, the first 20 fields. */
  fields?: { name: string; type: OutputSummary["type"] }[];
  /** Of an array. */
  length?: number;
};

export type StepCompleted = {
  workflowId: string;
  executionId: string;
  /** Steps of a run are numbered from 1 as they begin. */
  step: number;
  nodeId: string;
  nodeType: string;
  /** 1 for the node's first visit in this run. */
  visit: number;
  status: "completed" | "failed" | "cancelled";
  /** The way that the run took from here. */
  port: string | null;
  attempts: number;
  startedAt: string;
  completedAt: string;
  timestamp: string;
  durationMs: number;
  output: OutputSummary;
  error: { code: string; message: string } | null;
};

export type MessageSent = {
  workflowId: string;
  executionId: string;
  nodeId: string;
  messageId: string;
  channel: string | null;
  /** As the channel answered; what becomes of it later is in the message itself. */
  status: string;
  at: string;
  timestamp: string;
};

type Ended = {
  workflowId: string;
  executionId: string;
  versionId: string;
  testMode: boolean;
  startedAt: string;
  completedAt: string;
  timestamp: string;
  durationMs: number;
  nodesExecuted: number;
};

export type ExecutionCompleted = Ended & { status: "completed"; output: OutputSummary };
export type ExecutionFailed = Ended & {
  status: "failed" | "timed_out" | "cancelled";
  error: { code: string; message: string; nodeId: string | null } | null;
};

export type WorkflowUpdated = {
  workflowId: string;
  name: string;
  status: "draft" | "active" | "paused" | "archived";
  /** Number of the published version; null before the first. */
  version: number | null;
  /** What is not as it was: `name`, `status`, `version`; `content` when none of these says it. */
  changes: string[];
  updatedAt: string;
  timestamp: string;
};

/** What comes next is not all that happened since: read the executions once more. */
export type Gap = {
  workflowId: string;
  /**
   * `expired`: older than what is kept. `slow`: more came than was taken. `dropped`: a run told more at once than is kept. `too_many`: more runs
   * were under way than are followed.
   */
  reason: "expired" | "slow" | "dropped" | "too_many";
};

/** First of each stream. */
export type Connected = {
  workflowId: string;
  /** It goes on behind the event that was named. */
  resumed: boolean;
  heartbeatSeconds: number;
};

export type LiveEvents = {
  execution_started: ExecutionStarted;
  step_completed: StepCompleted;
  message_sent: MessageSent;
  execution_completed: ExecutionCompleted;
  execution_failed: ExecutionFailed;
  workflow_updated: WorkflowUpdated;
  gap: Gap;
  connected: Connected;
};

export type LiveEvent = { [Name in keyof LiveEvents]: { name: Name; data: LiveEvents[Name] } }[keyof LiveEvents];
