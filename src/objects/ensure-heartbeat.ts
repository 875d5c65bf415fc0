// Makes sure that the service's heart beats: the object then wakes by itself for good.
import type { Env } from "../env.ts";
import { heartbeatStub } from "./rpc.ts";

/** This isolate has asked. */
let isEnsured = false;

export const ensureHeartbeat = async (env: Env): Promise<void> => {
  if (isEnsured) return;
  isEnsured = true;
  try {
    await heartbeatStub(env).ensure();
  } catch (error) {
    isEnsured = false;
    console.error(JSON.stringify({ at: "heartbeat.ensure", message: String(error) }));
  }
};
