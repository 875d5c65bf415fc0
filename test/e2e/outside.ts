// The outside world of a scenario: the stand-in as a process that no kill of the product touches, its rules and its ledger.
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Rule } from "../fixtures/stand-in/behaviour.ts";
import { type Entry, readLedger } from "../fixtures/stand-in/ledger.ts";
import type { Account } from "../fixtures/stand-in/twilio.ts";

const main = resolve(import.meta.dirname, "../fixtures/stand-in/main.ts");

export type Outside = {
  origin: string;
  account: Account;
  ledgerPath: string;
  ledger: () => Entry[];
  /** Requests to a target, by path. */
  arrivals: (path: string) => Entry[];
  rules: (rules: Rule[]) => Promise<void>;
  stop: () => void;
};

export const startOutside = async (port: number, ledgerPath: string): Promise<Outside> => {
  const account = { sid: `AC${"0".repeat(30)}e2`, token: "e2e-auth-token" };
  const words = [
    "--port",
    String(port),
    "--ledger",
    ledgerPath,
    "--account-sid",
    account.sid,
    "--auth-token",
    account.token,
  ];
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const end = () => void child.kill("SIGKILL");
  process.on("exit", end);
  await new Promise<void>((ready, failed) => {
    child.stdout.once("data", () => ready());
    child.once("exit", (code) => failed(new Error(`The stand-in ended with ${code}`)));
  });
  const origin = `http://127.0.0.1:${port}`;
  const ledger = () => readLedger(ledgerPath);
  return {
    origin,
    account,
    ledgerPath,
    ledger,
    arrivals: (path) => ledger().filter((entry) => entry.kind === "target" && entry.url.split("?")[0] === path),
    rules: async (rules) => {
      const answer = await fetch(`${origin}/stand-in/rules`, { method: "PUT", body: JSON.stringify(rules) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    stop: () => {
      end();
      process.off("exit", end);
    },
  };
};

/** Looks again until it is so, or the time is over; whether it is so. */
export const until = async (isSo: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> => {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) return false;
    await sleep(100);
  }
  return true;
};
