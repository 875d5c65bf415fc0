// GitHub's webhook deliveries: real payloads of @octokit/webhooks-examples, signed by @octokit/webhooks-methods, with GitHub's own headers.
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { sign } from "@octokit/webhooks-methods";

export type Delivery = {
  /** X-GitHub-Delivery. */
  id: string;
  /** X-GitHub-Event. */
  event: string;
  /** For people: the event with its action. */
  title: string;
  payload: object;
};

type Definition = { name: string; examples: { action?: string }[] };

// The package's main is JSON, which createRequire reads without an import attribute.
const definitions = createRequire(import.meta.url)("@octokit/webhooks-examples") as Definition[];

/** A day in a repository's life: the event, and the action that is meant. */
const DOZEN: [event: string, action?: string][] = [
  ["ping"],
  ["issues", "opened"],
  ["issues", "labeled"],
  ["issue_comment", "created"],
  ["pull_request", "opened"],
  ["pull_request_review", "submitted"],
  ["push"],
  ["check_run", "completed"],
  ["workflow_run", "completed"],
  ["pull_request", "closed"],
  ["release", "published"],
  ["star", "created"],
  ["fork"],
];

const deliveryOf = (event: string, payload: { action?: string }): Delivery => ({
  id: randomUUID(),
  event,
  title: payload.action === undefined ? event : `${event}.${payload.action}`,
  payload,
});

/** Every example there is, or one of each of a dozen kinds, one that is news when there is such a one. */
export const githubDeliveries = (all: boolean, isNews: (payload: object) => boolean): Delivery[] => {
  if (all) return definitions.flatMap(({ name, examples }) => examples.map((payload) => deliveryOf(name, payload)));
  return DOZEN.map(([event, action]) => {
    const { examples } = definitions.find(({ name }) => name === event)!;
    const fitting = examples.filter((payload) => action === undefined || payload.action === action);
    const example = fitting.find(isNews) ?? fitting[0];
    if (!example) throw new Error(`@octokit/webhooks-examples has no ${event}.${action}`);
    return deliveryOf(event, example);
  });
};

export type Answer = { status: number; ms: number; body: unknown };

/** Posts it as GitHub does. `secret` is what GitHub was given when the webhook was set up. */
export const deliver = async (url: string, secret: string, { id, event, payload }: Delivery): Promise<Answer> => {
  const body = JSON.stringify(payload);
  const signature = await sign(secret, body);
  const started = performance.now();
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "user-agent": "GitHub-Hookshot/044aadd",
      "x-github-delivery": id,
      "x-github-event": event,
      "x-hub-signature-256": signature,
    },
    body,
  });
  const text = await answer.text();
  const ms = performance.now() - started;
  try {
    return { status: answer.status, ms, body: JSON.parse(text) };
  } catch {
    return { status: answer.status, ms, body: text };
  }
};
