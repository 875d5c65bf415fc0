// Ports that answer what a test tells them and remember what they were asked; asking for anything else fails the test.
import type { ActionRequest } from "../../src/actions/action.ts";
import { actions } from "../../src/actions/index.ts";
import type { ActionPorts } from "../../src/domain/action-ports.ts";
import type { JsonObject } from "../../src/lib/json.ts";

type Deep<T> = { [K in keyof T]?: Partial<T[K]> };

export const portsWith = (given: Deep<ActionPorts>): ActionPorts =>
  new Proxy(given, {
    get: (target, room: string) =>
      new Proxy((target as Record<string, object>)[room] ?? {}, {
        get: (methods, method: string) => {
          const found = (methods as Record<string, unknown>)[method];
          if (!found) throw new Error(`nobody expected ${room}.${method}`);
          return found;
        },
      }),
  }) as ActionPorts;

export const requestOf = (input: JsonObject, more: Partial<ActionRequest> = {}): ActionRequest => ({
  key: "x1:n1:3",
  attempt: 1,
  executionId: "x1",
  organizationId: "o1",
  workflowId: "w1",
  contactId: "c1",
  conversationId: "v1",
  versionId: "v1",
  startedAt: 1,
  eventDepth: 2,
  input,
  signal: new AbortController().signal,
  dryRun: false,
  ...more,
});

export const run = (name: string, given: Deep<ActionPorts>, input: JsonObject, more: Partial<ActionRequest> = {}) =>
  actions.get(name)!.run(portsWith(given), requestOf(input, more));

export const reconcile = (name: string, given: Deep<ActionPorts>, input: JsonObject) =>
  actions.get(name)!.reconcile!(portsWith(given), requestOf(input));
