// `npm run demo`: against the product that runs, and with `--twilio-url` on a server of its own; the stand-in has seen what the demo says.
import { runDemo } from "../run-demo.ts";
import type { Scenario } from "../scenario.ts";

export const demo: Scenario = {
  name: "demo",
  title: "npm run demo",
  play: async ({ product, outside, verdict }) => {
    const running = await runDemo("--url", product.origin);
    verdict.check("against a running product, all is as expected", running.code === 0, running.said);
    const everything = await runDemo("--url", product.origin, "--all");
    verdict.check("with every example of GitHub's too", everything.code === 0, everything.said);

    const account = ["--twilio-account-sid", outside.account.sid, "--twilio-auth-token", outside.account.token];
    for (const channel of ["sms", "whatsapp"]) {
      const before = outside.ledger().length;
      const own = await runDemo("--twilio-url", outside.origin, "--channel", channel, ...account);
      verdict.check(`by ${channel}, with --twilio-url, all is as expected`, own.code === 0, own.said);
      const sent = outside
        .ledger()
        .slice(before)
        .filter(({ kind }) => kind === "twilio.send");
      const to = channel === "sms" ? "+14155550100" : "whatsapp:+14155550100";
      verdict.equal(
        "Twilio got five messages for that number",
        sent.map(({ accepted, body }) => accepted && (body as { To: string }).To),
        Array(5).fill(to),
      );
      verdict.check(
        "and the demo names each sid",
        sent.every(({ sid }) => own.said.includes(sid!)),
        own.said,
      );
    }
    const stranger = await runDemo("--twilio-url", outside.origin);
    verdict.check(
      "an account that the stand-in does not know makes it fail",
      stranger.code === 1 && stranger.said.includes("NOT AS EXPECTED"),
      stranger.said,
    );
  },
};
