// The domain's ports over the objects. Nothing is decided here: each call goes to the object that owns the thing.
import { runsObjectName } from "../domain/contact/claim-run.ts";
import { contactObjectName } from "../domain/contact/receive.ts";
import { databaseOf } from "../domain/database.ts";
import { DomainError } from "../domain/errors.ts";
import { sealSecrets } from "../domain/identity/seal-secrets.ts";
import type { Ports } from "../domain/ports.ts";
import { tokenHashOf } from "../domain/webhook/settings.ts";
import type { Env } from "../env.ts";
import { takeVitals } from "../lib/vitals.ts";
import { checkCode } from "../sandbox/check-code.ts";
import { checkJsonata, runJsonata } from "../sandbox/jsonata.ts";
import { callbacksPort } from "./callbacks.ts";
import { channelsPort, pacingPort } from "./channels-port.ts";
import { codePort } from "./code-port.ts";
import { configured } from "./configured.ts";
import { executionStub } from "./execution/rpc.ts";
import { inboxPort, stored } from "./inbox-port.ts";
import { egressPort, httpPort } from "./outside.ts";
import {
  campaignName,
  campaignStub,
  contactStub,
  deliveryStub,
  dispatcherStub,
  feedStub,
  heartbeatStub,
  type ListenRequest,
  limiterStub,
  STREAM,
  scheduleStub,
  uploadName,
  uploadStub,
  webhookStub,
} from "./rpc.ts";

/** Texts that may be a webhook's token: no other reaches an object. */
const TOKEN = /^[A-Za-z0-9_-]{20,128}$/;

/** An object that cannot be reached now (overloaded, or being replaced) can be asked again. */
const reached = async <T>(at: string, call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    console.error(JSON.stringify({ at, message: String(error) }));
    throw new DomainError("unavailable", "The execution cannot be reached; try again", { retryAfterSeconds: 1 });
  }
};

const openFeed = async (env: Env, organizationId: string, workflowId: string, request: ListenRequest) => {
  const init = { method: "POST", body: JSON.stringify(request) };
  const response = await feedStub(env, organizationId, workflowId).fetch("https://feed/", init);
  if (response.headers.get("Content-Type") === STREAM) return { kind: "open" as const, body: response.body! };
  const { full } = (await response.json()) as { full: "workflow" | "organization" };
  return { kind: "full" as const, by: full };
};

const uploadOf = (env: Env, organizationId: string, id: string) => uploadStub(env, uploadName(organizationId, id));

const made = new WeakMap<Env, Ports>();

/** Made once an isolate: nothing in them belongs to a request. */
export const makePorts = (env: Env): Ports => {
  const known = made.get(env);
  if (known) return known;
  const ports = portsOf(env);
  made.set(env, ports);
  return ports;
};

const portsOf = (env: Env): Ports => ({
  db: databaseOf(env.DB),
  now: () => Date.now(),
  executions: {
    start: (request) => executionStub(env, request.executionId).start(request),
    read: (organizationId, id) => reached("execution.read", executionStub(env, id).read(organizationId)),
    waitForEnd: (organizationId, id, timeoutMs) => executionStub(env, id).waitForEnd(organizationId, timeoutMs),
    cancel: (organizationId, id, reason) =>
      reached("execution.cancel", executionStub(env, id).cancel(organizationId, reason)),
    journal: (organizationId, id) => reached("execution.journal", executionStub(env, id).journal(organizationId)),
    history: (organizationId, id) => reached("execution.history", executionStub(env, id).history(organizationId)),
  },
  inbox: inboxPort(env),
  webhooks: {
    configure: (settings) => webhookStub(env, settings.tokenHash).configure(settings),
    forget: (tokenHash) => webhookStub(env, tokenHash).forget(),
    counts: (tokenHash) => webhookStub(env, tokenHash).counts(),
    receive: async (token, request) => {
      if (!TOKEN.test(token)) return { kind: "refused", code: "not_found", message: "Webhook not found" };
      return stored("webhook.receive", webhookStub(env, await tokenHashOf(token)).receive(token, request));
    },
    welcomes: async (token, caller, now) =>
      TOKEN.test(token) &&
      reached("webhook.welcomes", webhookStub(env, await tokenHashOf(token)).welcomes(token, caller, now)),
  },
  schedules: {
    set: (schedule) => scheduleStub(env, schedule.scheduleId).set(schedule),
    clear: (scheduleId) => scheduleStub(env, scheduleId).clear(),
  },
  campaigns: {
    look: (organizationId, id) => campaignStub(env, campaignName(organizationId, id)).look(organizationId, id),
  },
  secrets: sealSecrets(configured(env).encryptionKeys),
  limiter: {
    take: (key, max, windowMs) => limiterStub(env, key).take(max, windowMs),
    giveBack: (key) => limiterStub(env, key).giveBack(),
  },
  queues: {
    ask: (organizationId, asked) => reached("queue.ask", dispatcherStub(env, organizationId).ask(asked)),
    leave: (organizationId, id) => reached("queue.leave", dispatcherStub(env, organizationId).leave(id)),
    look: (organizationId) => reached("queue.look", dispatcherStub(env, organizationId).look()),
    status: (organizationId) => reached("queue.status", dispatcherStub(env, organizationId).status()),
    places: (organizationId, ids) => reached("queue.places", dispatcherStub(env, organizationId).places(ids)),
  },
  heartbeat: {
    upSince: () => heartbeatStub(env).upSince(),
    // Whoever asks wants to see what has just happened here as well.
    vitals: () => heartbeatStub(env).note(takeVitals()),
  },
  feeds: {
    open: (organizationId, workflowId, listener, lastEventId) =>
      reached("feed.open", openFeed(env, organizationId, workflowId, { listener, lastEventId })),
  },
  callbacks: callbacksPort(env),
  channels: channelsPort(env),
  pacing: pacingPort(env),
  uploads: {
    begin: (plan) => stored("upload.begin", uploadOf(env, plan.organizationId, plan.uploadId).begin(plan)),
    append: (organizationId, id, start, chunk) =>
      stored("upload.append", uploadOf(env, organizationId, id).append(start, chunk)),
    finish: (organizationId, id, encoding) =>
      stored("upload.finish", uploadOf(env, organizationId, id).finish(encoding)),
    abandon: (organizationId, id) => uploadOf(env, organizationId, id).abandon(),
    read: (organizationId, id) => uploadOf(env, organizationId, id).read(),
    waitForEnd: (organizationId, id, timeoutMs) => uploadOf(env, organizationId, id).waitForEnd(timeoutMs),
  },
  contacts: {
    forget: (organizationId, address) => contactStub(env, contactObjectName(organizationId, address)).forget(),
    claimRun: (organizationId, contactId, claim) =>
      contactStub(env, runsObjectName(organizationId, contactId)).claimRun(claim),
  },
  deliveries: {
    send: (order, waitMs) =>
      stored("delivery.send", deliveryStub(env, order.delivery.organizationId, order.delivery.id).send(order, waitMs)),
    request: (organizationId, id) => deliveryStub(env, organizationId, id).request(organizationId),
  },
  egress: egressPort(configured(env)),
  http: httpPort(configured(env)),
  code: codePort(env),
  transform: { run: runJsonata, check: checkJsonata },
  checkCode,
});
