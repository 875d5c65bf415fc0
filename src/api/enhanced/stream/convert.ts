// Where the live stream's wire names meet ours; its events are made in domain/feed, once for all who listen.
import type { z } from "zod";
import { timeOf } from "../convert.ts";
import { BASE } from "../operations.ts";
import type { ticketAnswer } from "./schema.ts";

export const toTicket = (
  { ticket, expiresAt }: { ticket: string; expiresAt: number },
  workflowId: string,
): z.input<typeof ticketAnswer> => ({
  ticket,
  expiresAt: timeOf(expiresAt),
  streamUrl: `${BASE}/workflows/${encodeURIComponent(workflowId)}/stream?ticket=${ticket}`,
});

/** No proxy may keep, change or gather it. */
export const STREAM_HEADERS = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-store, no-transform",
  "X-Accel-Buffering": "no",
};
