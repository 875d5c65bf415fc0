// The demo's parts that need no server: what it is asked, what it makes, what it sends and what it says.
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { definitionOf } from "../../src/api/core/convert.ts";
import { checkSignature } from "../../src/domain/webhook/signature.ts";
import { emptyDefinition, findingsOf } from "../../src/domain/workflow/definition.ts";
import { deliver, githubDeliveries } from "../../src/node/demo/deliveries.ts";
import { demoOptions } from "../../src/node/demo/options.ts";
import { faultsIn, report } from "../../src/node/demo/report.ts";
import type { Story } from "../../src/node/demo/story.ts";
import { demoWorkflow, expectedNews } from "../../src/node/demo/workflow.ts";

describe("options", () => {
  it("are for a running product by default, in-app", () => {
    expect(demoOptions([], {})).toMatchObject({
      url: "http://localhost:8787",
      start: false,
      channel: "inapp",
      twilio: undefined,
    });
  });

  it("with --twilio-url are for a server of its own, with the environment's account or a stand-in's", () => {
    const own = demoOptions(["--twilio-url", "http://127.0.0.1:1/"], {
      TWILIO_ACCOUNT_SID: "AC9",
      TWILIO_AUTH_TOKEN: "t",
    });
    expect(own).toMatchObject({
      start: true,
      channel: "sms",
      twilio: { url: "http://127.0.0.1:1", account: { sid: "AC9", token: "t" } },
    });
    const account = demoOptions(["--twilio-url", "http://127.0.0.1:1", "--channel", "whatsapp"], {})!.twilio!.account;
    expect(account.sid).toMatch(/^AC[0-9a-f]{32}$/);
  });

  it.each([
    [["--channel", "pigeon", "--twilio-url", "http://x.test"], "--channel pigeon: is neither sms nor whatsapp"],
    [["--url", "nowhere"], "--url nowhere: is not an http(s) URL"],
    [["--target", "ftp://x.test"], "--target ftp://x.test: is not an http(s) URL"],
    [["--what"], "Unknown option '--what'"],
  ])("%j is refused", (argv, line) => {
    expect(() => demoOptions(argv, {})).toThrow(line);
  });
});

describe("the workflow", () => {
  it.each([undefined, "https://example.com/news"])("has no findings (target %s)", (target) => {
    const definition = definitionOf(demoWorkflow({ to: "+14155550100", channel: "inapp", target }) as never);
    const findings = findingsOf({ ...emptyDefinition(), ...definition });
    expect(findings).toEqual([]);
  });
});

describe("deliveries", () => {
  const isNews = (payload: object) => expectedNews(payload) !== undefined;

  it("are GitHub's own payloads, of a dozen kinds or all", () => {
    const dozen = githubDeliveries(false, isNews);
    expect(dozen.length).toBe(13);
    expect(new Set(dozen.map(({ event }) => event)).size).toBeGreaterThan(10);
    expect(dozen.filter(({ payload }) => isNews(payload)).length).toBe(5);
    const all = githubDeliveries(true, isNews);
    expect(all.length).toBeGreaterThan(300);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  it("are signed as GitHub signs, over the bytes that are sent", async () => {
    const received: { headers: Record<string, string>; bodyBytes: Buffer }[] = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      received.push({ headers: request.headers as Record<string, string>, bodyBytes: Buffer.concat(chunks) });
      response.end("{}");
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const [delivery] = githubDeliveries(false, isNews);
    await deliver(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, "a secret", delivery!);
    server.close();
    const [{ headers, bodyBytes }] = received as [(typeof received)[0]];
    expect(headers).toMatchObject({ "x-github-event": "ping", "x-github-delivery": delivery!.id });
    expect(headers["x-hub-signature-256"]).toBe(
      `sha256=${createHmac("sha256", "a secret").update(bodyBytes).digest("hex")}`,
    );
    const verdict = checkSignature("github", { headers, bodyBytes, token: "", secret: "a secret", now: 0 });
    expect(verdict).toBe("valid");
  });
});

describe("the report", () => {
  const told = {
    title: "issues.opened",
    answeredMs: 12.4,
    queuedMs: 3,
    ranMs: 40,
    executionId: "x1",
    status: "completed",
    path: ["github", "tell", "done"],
    messages: [{ text: "Hello\nthere", channel: "sms", to: "+1", status: "queued", provider_id: "SM1" }],
    faults: [] as string[],
  };
  const story: Story = { workflowId: "w1", told: [told], refused: [{ title: "again", said: "nothing", faults: [] }] };

  it("is a table with paths, times and messages", () => {
    expect(report(story)).toBe(`DELIVERY       ANSWERED  QUEUED    RAN  PATH
issues.opened     12 ms    3 ms  40 ms  github › tell › done
    sms to +1: queued as SM1
      “Hello
       there”

again: nothing

1 delivery of GitHub's, 1 message out by sms; all as expected.`);
    expect(faultsIn(story)).toBe(0);
  });

  it("says what is not as expected", () => {
    const wrong = { ...story, told: [{ ...told, faults: ["the execution is failed"] }] };
    expect(report(wrong)).toContain("NOT AS EXPECTED: the execution is failed");
    expect(report(wrong)).toContain("1 thing NOT as expected.");
    expect(faultsIn(wrong)).toBe(1);
  });
});
