// What every scenario is given: a product on a state of its own, the world around it, and somewhere to say what it found.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Api } from "./api.ts";
import { type Outside, startOutside } from "./outside.ts";
import { Product } from "./product.ts";
import type { Verdict } from "./verdict.ts";

export type World = {
  product: Product;
  api: Api;
  outside: Outside;
  verdict: Verdict;
  /** The folder that `--persist-to` names. */
  state: string;
  /** How many deliveries a load has; fewer in a quick run. */
  count: number;
};

export type Scenario = { name: string; title: string; play: (world: World) => Promise<void> };

export const SENDERS = { sms: "+15005550006", whatsapp: "+14155238886" };

type Options = { port: number; count: number; keep: boolean };

/** Starts the world, plays, ends the world. What was left on the disk is kept when something did not hold. */
export const playScenario = async (
  scenario: Scenario,
  verdict: Verdict,
  { port, count, keep }: Options,
): Promise<void> => {
  verdict.title(scenario.title);
  const folder = mkdtempSync(join(tmpdir(), `signalbox-e2e-${scenario.name}-`));
  const failuresBefore = verdict.failures;
  mkdirSync(join(folder, "state"));
  const outside = await startOutside(port + 1, join(folder, "ledger.jsonl"));
  const product = new Product({
    port,
    state: folder,
    log: join(folder, "product.log"),
    vars: {
      PUBLIC_URL: `http://localhost:${port}`,
      EGRESS_ALLOW_HOSTS: `127.0.0.1:${port + 1}`,
      TWILIO_ACCOUNT_SID: outside.account.sid,
      TWILIO_AUTH_TOKEN: outside.account.token,
      TWILIO_FROM: SENDERS.sms,
      TWILIO_WHATSAPP_FROM: SENDERS.whatsapp,
      // What is judged here is that nothing is lost; how fast it goes is test/objects/pacer.test.ts.
      TWILIO_RATE: "1000",
      TWILIO_WHATSAPP_RATE: "1000",
      TWILIO_API_BASE_URL: outside.origin,
    },
  });
  try {
    verdict.fact(`started in ${Math.round(await product.start())} ms`);
    const api = new Api(product.origin);
    await api.signIn();
    await scenario.play({ product, api, outside, verdict, state: join(folder, "state"), count });
    if (api.broken > 0) verdict.fact(`${api.broken} answers broke off and were asked for again`);
  } catch (error) {
    verdict.check(
      "the scenario can be played",
      false,
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  } finally {
    await product.stop().catch(() => product.kill());
    outside.stop();
  }
  if (keep || verdict.failures > failuresBefore) verdict.fact(`left behind for a look: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
};
