// The entry: where the platform calls us, and the classes of objects that it finds here. No decisions.
import { createApp } from "./app.ts";
import type { Env } from "./env.ts";
import { noteRequest } from "./lib/vitals.ts";
import { ensureHeartbeat } from "./objects/ensure-heartbeat.ts";
import { ensureRetention } from "./objects/ensure-retention.ts";
import { makePorts } from "./objects/ports.ts";
import { tellVitals } from "./objects/tell-vitals.ts";
import { consume, ensureSweeper } from "./queue/consume.ts";

export { Campaign } from "./objects/campaign/campaign.ts";
export { Contact } from "./objects/contact.ts";
export { Delivery } from "./objects/delivery.ts";
export { Dispatcher } from "./objects/dispatcher.ts";
export { Execution } from "./objects/execution/execution.ts";
export { Feed } from "./objects/feed/feed.ts";
export { Heartbeat } from "./objects/heartbeat.ts";
export { Inbox } from "./objects/inbox.ts";
export { Limiter } from "./objects/limiter.ts";
export { Pacer } from "./objects/pacer.ts";
export { Retention } from "./objects/retention.ts";
export { Schedule } from "./objects/schedule.ts";
export { Sweeper } from "./objects/sweeper.ts";
export { Upload } from "./objects/upload.ts";
export { Webhook } from "./objects/webhook.ts";

const app = createApp({ makePorts });

/** Crons do not fire locally: what a killed process left behind is found because somebody asks something. In ms, an isolate. */
const ENSURE_MS = 60_000;
/** When this isolate last did, epoch ms. */
let ensuredAt = 0;

export default {
  fetch: async (request, env, context) => {
    const now = Date.now();
    if (Math.abs(now - ensuredAt) >= ENSURE_MS) {
      ensuredAt = now;
      context.waitUntil(Promise.all([ensureSweeper(env), ensureRetention(env), ensureHeartbeat(env), tellVitals(env)]));
    }
    const answer = await app.fetch(request, env, context);
    noteRequest(Date.now() - now, answer.status);
    return answer;
  },
  queue: async (batch, env) => {
    await consume(batch, env);
    await tellVitals(env);
  },
  scheduled: async (_controller, env) => {
    await Promise.all([ensureSweeper(env), ensureRetention(env), ensureHeartbeat(env)]);
  },
} satisfies ExportedHandler<Env>;
