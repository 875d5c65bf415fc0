// The product as its users start it, `npm start`, in a process group of its own that can be killed whole at any moment and started again on the
// same state. Says nothing about what is checked.
import { type ChildProcess, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { awaitHealth } from "../../src/node/await-health.ts";

const root = resolve(import.meta.dirname, "../..");
const START_MS = 120_000;
const GONE_MS = 10_000;

export type ProductOptions = { port: number; state: string; log: string; vars: Record<string, string> };

export class Product {
  readonly origin: string;
  readonly #options: ProductOptions;
  readonly #die = () => this.#signal("SIGKILL");
  #group: ChildProcess | undefined;

  constructor(options: ProductOptions) {
    this.#options = options;
    this.origin = `http://localhost:${options.port}`;
  }

  /** Of its process group; undefined while it does not run. */
  get group(): number | undefined {
    return this.#group?.pid;
  }

  /** Resolves when it answers; how long that took, in ms. */
  async start(): Promise<number> {
    const { port, state, log, vars } = this.#options;
    const started = performance.now();
    const output = openSync(log, "a");
    const words = ["start", "--silent", "--", "--port", String(port), "--persist-to", join(state, "state")];
    for (const [name, value] of Object.entries(vars)) words.push("--var", `${name}:${value}`);
    // Nothing of a test runner's environment goes along.
    const { PATH, HOME, TMPDIR } = process.env;
    const env = { PATH, HOME, ...(TMPDIR && { TMPDIR }) };
    this.#group = spawn("npm", words, { cwd: root, env, detached: true, stdio: ["ignore", output, output] });
    // Whoever ends this program ends the product with it.
    process.on("exit", this.#die);
    const gone = new AbortController();
    this.#group.once("exit", () => gone.abort());
    if (!(await awaitHealth(this.origin, START_MS, gone.signal)))
      throw new Error(`The product did not start; see ${log}`);
    return performance.now() - started;
  }

  /** SIGKILL to every process of the group; resolves when none is left. */
  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    await this.#gone();
  }

  /** As a person ends it. */
  async stop(): Promise<void> {
    this.#signal("SIGTERM");
    await this.#gone();
  }

  #signal(signal: NodeJS.Signals): void {
    const id = this.#group?.pid;
    if (id === undefined) return;
    try {
      process.kill(-id, signal);
    } catch {
      // The group is gone already.
    }
  }

  async #gone(): Promise<void> {
    const id = this.#group?.pid;
    if (id === undefined) return;
    const deadline = Date.now() + GONE_MS;
    for (;;) {
      try {
        process.kill(-id, 0);
      } catch {
        this.#group = undefined;
        process.off("exit", this.#die);
        return;
      }
      if (Date.now() > deadline) throw new Error(`Processes of group ${id} are left`);
      await sleep(20);
    }
  }
}
