// The document's "Complete Campaign Workflow", its commands run as docs/apis/stream.md has them, against a Twilio that keeps a ledger.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { documentedCommands } from "../../house/documented-commands.ts";
import { acceptedOf } from "../campaign-client.ts";
import { holds, jsonIn, runSteps, stepsOf } from "../document.ts";
import type { Scenario } from "../scenario.ts";

const PAGE = resolve(import.meta.dirname, "../../../docs/apis/stream.md");

export const campaignWorkflow: Scenario = {
  name: "campaign-workflow",
  title: "the document's campaign workflow",
  play: async ({ product, outside, verdict }) => {
    const steps = stepsOf(readFileSync(PAGE, "utf8"));
    verdict.equal(
      "every marked block of the page is run",
      steps.map(({ commands }) => commands),
      documentedCommands("docs/apis/stream.md"),
    );
    const outputs = await runSteps(steps, { SIGNALBOX: product.origin });
    for (const [n, { expected }] of steps.entries()) {
      if (expected === undefined) continue;
      const answered = jsonIn(outputs[n]!).some((found) => holds(found, expected));
      verdict.check(`block ${n + 1} answers as shown`, answered, outputs[n]);
    }
    verdict.equal(
      "the ledger has one message to each",
      acceptedOf(outside, "Hi Jane Smith! Welcome to our service.").map(({ to }) => to),
      ["+14155551234"],
    );
  },
};
