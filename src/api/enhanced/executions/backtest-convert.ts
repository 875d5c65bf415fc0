// Where the wire names of a backtest meet ours.
import type { z } from "zod";
import type { Backtest, BacktestRequest } from "../../../domain/backtest/backtest-workflow.ts";
import type { TriedMessage } from "../../../domain/backtest/try-run.ts";
import { DAY_MS } from "../../../lib/durations.ts";
import { timeOf } from "../convert.ts";
import type { backtestBody } from "./backtest-schema.ts";

const WEEK_MS = 7 * DAY_MS;
/** Longer texts are cut. */
const MAX_TEXT = 2_000;

export const fromBacktest = (body: z.output<typeof backtestBody>, now: number): BacktestRequest => {
  const { limit, definition, triggerType, triggerConfig } = body;
  const until = body.until ?? now;
  const given = {
    ...(definition && { workflowData: definition }),
    ...(triggerType !== undefined && { triggerType, triggerConfig: {} }),
    ...(triggerConfig && { triggerConfig }),
  };
  return {
    since: body.since ?? until - WEEK_MS,
    until,
    limit,
    ...(Object.keys(given).length > 0 && { given }),
  };
};

const toMessage = ({ name: _, text, at, held, ...message }: TriedMessage) => ({
  ...message,
  text: text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`,
  at: timeOf(at),
  held: held.map((one) => ({ ...one, until: timeOf(one.until) })),
});

type Event = { id: string; type: string; occurredAt: number };
const toEvent = ({ id, type, occurredAt }: Event) => ({
  eventId: id,
  eventType: type,
  eventAt: timeOf(occurredAt),
});

export const toBacktest = (workflowId: string, { since, until, limit }: BacktestRequest, result: Backtest) => {
  const { publishedVersion, events, truncated, recipients, draft, published, starts, notes, durationMs } = result;
  const changes = { added: 0, lost: 0, changed: 0, same: 0 };
  for (const { change } of recipients) changes[change]++;
  return {
    workflowId,
    since: timeOf(since),
    until: timeOf(until),
    limit,
    publishedVersion,
    events,
    truncated: truncated !== null,
    truncatedAt: truncated && { ...truncated, at: timeOf(truncated.at) },
    summary: { draft, published, changes },
    recipients: recipients.map(({ event, draft: mine, published: theirs, ...who }) => ({
      ...toEvent(event),
      ...who,
      draft: mine.map(toMessage),
      published: theirs.map(toMessage),
    })),
    starts: starts.map(({ eventId: id, type, occurredAt, ...why }) => ({
      ...toEvent({ id, type, occurredAt }),
      ...why,
    })),
    notes,
    durationMs,
  };
};
