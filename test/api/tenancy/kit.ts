import type { Ports } from "../../../src/domain/ports.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import { testApp } from "../../fixtures/app.ts";
import { type Tenant, testEnv } from "../../fixtures/identity.ts";

const { executions, inbox, webhooks, schedules, campaigns, code, checkCode, contacts, uploads, queues } =
  makePorts(testEnv);
/** One that has ended: what it holds is test/objects/feed.test.ts. */
const feeds: Ports["feeds"] = { open: async () => ({ kind: "open", body: new Response("").body! }) };
export const { fetch, routes, limiter } = testApp({
  ports: { feeds, executions, inbox, webhooks, schedules, campaigns, code, checkCode, contacts, uploads, queues },
});

/** How a route is tried. `make` puts the resource into `owner`'s organisation and gives the path's ids; `missing` are ids that nobody has. */
export type Entry =
  | {
      make: (owner: Tenant) => Promise<Record<string, string>>;
      missing?: Record<string, string>;
      body?: unknown;
      headers?: Record<string, string>;
      query?: string;
    }
  /** Not about an organisation's data: says why. */
  | { open: string };

export const call = (who: Tenant, method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  fetch(path, {
    method,
    headers: { ...who.headers, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

export const made = async (answer: Promise<Response>): Promise<Record<string, string>> => {
  const response = await answer;
  if (response.status !== 201) throw new Error(`could not make it: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, string>;
};
