// What actions may do to the world, for runs in this deployment: each port is a domain verb over this env.
import type { ActionPorts, Attempted, StepRef } from "../domain/action-ports.ts";
import { addNote, addTag, removeTag, updateContact } from "../domain/contact/change-contact.ts";
import { changeFields } from "../domain/contact/change-fields.ts";
import { setConversationStatus } from "../domain/conversation/set-status.ts";
import { databaseOf } from "../domain/database.ts";
import { startChild } from "../domain/execution/start-child.ts";
import { reconcileMail, sendMail } from "../domain/message/mail.ts";
import { reconcileMessage } from "../domain/message/reconcile.ts";
import { sendMessage } from "../domain/message/send.ts";
import { secretsPort } from "../domain/variable/secret-values.ts";
import type { Env } from "../env.ts";
import { Turnstiles } from "../lib/turnstiles.ts";
import { channelsPort, pacingPort } from "./channels-port.ts";
import { codePort } from "./code-port.ts";
import { configured } from "./configured.ts";
import { inboxPort } from "./inbox-port.ts";
import { httpPort, sendEmail } from "./outside.ts";
import { makePorts } from "./ports.ts";

const turnstiles = new Turnstiles();
/** Within an attempt's time (nodes/node.ts). */
const PATIENCE_MS = 45_000;
const AGAIN_MS = 1_000;

const inTurn = async <T>({ organizationId, signal }: StepRef, send: () => Promise<T>): Promise<T | Attempted<never>> =>
  (await turnstiles.pass(organizationId, send, PATIENCE_MS, signal)) ?? {
    outcome: "deferred",
    until: Date.now() + AGAIN_MS,
    reason: "too many messages are on their way",
  };

const made = new WeakMap<Env, ActionPorts>();

/** Made once an isolate: nothing in them belongs to a run. */
export const makeActionPorts = (env: Env): ActionPorts => {
  const known = made.get(env);
  if (known) return known;
  const ports = portsOf(env);
  made.set(env, ports);
  return ports;
};

const portsOf = (env: Env): ActionPorts => {
  const configuration = configured(env);
  const world = { db: databaseOf(env.DB), inbox: inboxPort(env), now: () => Date.now() };
  const messaging = {
    ...world,
    channels: channelsPort(env, true),
    pacing: pacingPort(env),
    // Called through the global, so that it is never called as a method of ours.
    fetch: ((input, init) => fetch(input, init)) as typeof fetch,
  };
  return {
    http: httpPort(configuration),
    messages: {
      send: (step, order) => inTurn(step, () => sendMessage(messaging, step, order)),
      reconcile: (step, onUnknown) => inTurn(step, () => reconcileMessage(messaging, step, onUnknown)),
    },
    email: {
      send: (step, order) => sendMail(messaging, step, order, (...sent) => sendEmail(configuration, ...sent)),
      reconcile: (step) => reconcileMail(messaging, step),
    },
    contacts: {
      addTag: (step, contactId, tag) => addTag(world, step, contactId, tag),
      removeTag: (step, contactId, tag) => removeTag(world, step, contactId, tag),
      update: (step, contactId, attributes) => updateContact(world, step, contactId, attributes),
      changeFields: (step, contactId, fields) => changeFields(makePorts(env), step, contactId, fields),
      addNote: (step, contactId, note) => addNote(world, step, contactId, note),
    },
    conversations: { setStatus: (step, of, status) => setConversationStatus(world, step, of, status) },
    code: codePort(env),
    secrets: {
      ownOf: (step, ids) => secretsPort(makePorts(env)).ownOf(step, ids),
      open: (step, ids) => secretsPort(makePorts(env)).open(step, ids),
    },
    workflows: { startChild: (step, child) => startChild(makePorts(env), step, child) },
  };
};
