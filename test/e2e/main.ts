// `npm run e2e`: the product, started as people start it, against a world that keeps a ledger. Options: `--only NAME`, `--quick` (a tenth of the
// load), `--port N` (and the one after it), `--keep` (leaves state, ledger and log behind). Exits with 0 when everything holds.
import { parseArgs } from "node:util";
import { playScenario, type Scenario } from "./scenario.ts";
import { campaign } from "./scenarios/campaign.ts";
import { campaignWorkflow } from "./scenarios/campaign-workflow.ts";
import { conversation } from "./scenarios/conversation.ts";
import { conversations } from "./scenarios/conversations.ts";
import { demo } from "./scenarios/demo.ts";
import { inbound } from "./scenarios/inbound.ts";
import { messages } from "./scenarios/messages.ts";
import { providerFaults } from "./scenarios/provider-faults.ts";
import { readme } from "./scenarios/readme.ts";
import { sleepers } from "./scenarios/sleepers.ts";
import { webhooks } from "./scenarios/webhooks.ts";
import { Verdict } from "./verdict.ts";

const SCENARIOS: Scenario[] = [
  webhooks,
  sleepers,
  messages,
  providerFaults,
  inbound,
  campaignWorkflow,
  campaign,
  conversation,
  conversations,
  readme,
  demo,
];

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    quick: { type: "boolean", default: false },
    port: { type: "string", default: "9280" },
    keep: { type: "boolean", default: false },
  },
});

const chosen = SCENARIOS.filter(({ name }) => !values.only || values.only.includes(name));
if (chosen.length === 0) {
  console.error(`--only: is none of ${SCENARIOS.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

const verdict = new Verdict();
const options = { port: Number(values.port), count: values.quick ? 50 : 500, keep: values.keep };
for (const scenario of chosen) await playScenario(scenario, verdict, options);
console.log(`\n${verdict.checks - verdict.failures} of ${verdict.checks} checks hold`);
process.exit(verdict.failures === 0 ? 0 : 1);
