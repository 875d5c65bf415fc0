// Nodes that the scenarios are made of, as [type, config].
import type { JsonObject } from "../../src/lib/json.ts";

export const START = "trigger_manual";

export const http = (more: JsonObject = {}): [string, JsonObject] => [
  "action_webhook",
  { url: "https://shop.example/hook", method: "POST", body: { n: "{{event.data.n}}" }, ...more },
];

export const message = (more: JsonObject = {}): [string, JsonObject] => [
  "action_chat_message",
  { message: "Hello", to: "+14155550100", ...more },
];

export const delay = (duration: number, unit: string): [string, JsonObject] => ["action_delay", { duration, unit }];

export const retry = (max_attempts: number) => ({ retry: { max_attempts, backoff_seconds: 1 } });
