// Takes what this isolate has noticed of itself to the heartbeat, once a minute at the most: a call an isolate, no write a request.
import type { Env } from "../env.ts";
import { takeVitals } from "../lib/vitals.ts";
import { heartbeatStub } from "./rpc.ts";

const EVERY_MS = 60_000;
/** When this isolate last did, or came to be; epoch ms. */
let toldAt = Date.now();

export const tellVitals = async (env: Env): Promise<void> => {
  const now = Date.now();
  // Before anything has happened, an isolate's clock may stand at 0.
  if (Math.abs(now - toldAt) < EVERY_MS) return;
  toldAt = now;
  try {
    await heartbeatStub(env).note(takeVitals());
  } catch (error) {
    console.error(JSON.stringify({ at: "vitals.tell", message: String(error) }));
  }
};
