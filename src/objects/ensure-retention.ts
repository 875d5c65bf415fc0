// Makes sure that what is too old is deleted: the object then wakes by itself for good.
import type { Env } from "../env.ts";
import { retentionStub } from "./rpc.ts";

/** This isolate has asked. */
let isEnsured = false;

export const ensureRetention = async (env: Env): Promise<void> => {
  if (isEnsured) return;
  isEnsured = true;
  try {
    await retentionStub(env).ensure();
  } catch (error) {
    isEnsured = false;
    console.error(JSON.stringify({ at: "retention.ensure", message: String(error) }));
  }
};
