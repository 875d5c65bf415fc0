// A campaign to many people against a Twilio stand-in that keeps a ledger: how fast it goes, and that nobody is missed, written to twice or after
// STOP, with the product killed in the middle. The sender's rate is set so high that it limits nothing. What a message costs in rows and calls is
// counted by a test, printed at the end. Run: npm run bench -- campaign [people] [kills]
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { exitCode } from "../src/node/wrangler.ts";
import { startOutside } from "../test/e2e/outside.ts";
import { Product } from "../test/e2e/product.ts";
import { SENDERS } from "../test/e2e/scenario.ts";
import { judgeCampaign, playCampaign } from "../test/e2e/scenarios/campaign.ts";
import { groupCpuMs } from "./processes.ts";

const PEOPLE = Number(process.argv[3] ?? 10_000);
const KILLS = Number(process.argv[4] ?? 3);
const PORT = Number(process.env.BENCH_PORT ?? 9660);
const TEST = "test/objects/campaign-cost.test.ts";
const root = resolve(import.meta.dirname, "..");

const folder = mkdtempSync(join(tmpdir(), "signalbox-bench-campaign-"));
mkdirSync(join(folder, "state"));
const outside = await startOutside(PORT + 1, join(folder, "ledger.jsonl"));
const product = new Product({
  port: PORT,
  state: folder,
  log: join(folder, "product.log"),
  vars: {
    PUBLIC_URL: `http://localhost:${PORT}`,
    EGRESS_ALLOW_HOSTS: `127.0.0.1:${PORT + 1}`,
    TWILIO_ACCOUNT_SID: outside.account.sid,
    TWILIO_AUTH_TOKEN: outside.account.token,
    TWILIO_FROM: SENDERS.sms,
    TWILIO_RATE: "1000",
    TWILIO_API_BASE_URL: outside.origin,
  },
});
await product.start();
const cpuBefore = groupCpuMs(product.group!);
console.log(`${cpus().length} × ${cpus()[0]!.model}; ${PEOPLE} people, ${KILLS} kills`);
const played = await playCampaign(
  { product, outside },
  { people: PEOPLE, kills: KILLS, say: (fact) => console.log(fact) },
);
const judged = judgeCampaign(played, PEOPLE);
for (const [claim, holds, found] of judged)
  console.log(`${holds ? "✓" : "✗"} ${claim}${holds ? "" : `: ${JSON.stringify(found).slice(0, 500)}`}`);
console.log(
  `${played.sent.length} messages in ${played.seconds.toFixed(1)} s of running: ${(played.sent.length / played.seconds).toFixed(1)} a second; ${played.stopped.size} people wrote STOP before theirs`,
);
// A killed product takes its figures with it.
if (KILLS === 0) {
  const cpu = groupCpuMs(product.group!) - cpuBefore;
  console.log(
    `${(cpu / played.sent.length).toFixed(1)} CPU-ms a message, its two status callbacks and the upload included`,
  );
}
await product.stop();
outside.stop();
if (judged.every(([, holds]) => holds)) rmSync(folder, { recursive: true, force: true });
else console.log(`left behind for a look: ${folder}`);

const counting = spawn(join(root, "node_modules/.bin/vitest"), ["run", "--project", "workers", TEST], {
  cwd: root,
  stdio: ["ignore", "pipe", "inherit"],
  env: { ...process.env, NO_COLOR: "1" },
});
let said = "";
counting.stdout.on("data", (chunk) => (said += chunk));
const code = await exitCode(counting);
const counted = /^counted: (.*)$/m.exec(said)?.[1];
if (code !== 0 || counted === undefined) throw new Error(`${TEST}\n${said}`);
for (const [name, value] of Object.entries(JSON.parse(counted) as Record<string, number>))
  console.log(`${name}: ${value}`);
process.exitCode = judged.every(([, holds]) => holds) ? 0 : 1;
