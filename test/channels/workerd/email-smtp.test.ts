// Email from workerd over real TCP to a real SMTP server (globalSetup smtp-setup.ts). The full table of cases runs in Node, in ../email-smtp.test.ts.
import PostalMime from "postal-mime";
import { describe, expect, inject, it } from "vitest";
import type { Net } from "../../../src/channels/channel.ts";
import { parseSmtpUrl } from "../../../src/channels/email/smtp-url.ts";
import { createEmailSmtp } from "../../../src/channels/email-smtp.ts";

const ports = inject("smtp");
const net: Net = { fetch, now: Date.now };
const channel = (url: string) => {
  const server = parseSmtpUrl(url);
  if (!server.ok) throw new Error(server.error);
  return createEmailSmtp({ server: server.value, from: "Signalbox <box@example.com>" });
};
const at = (name: keyof typeof ports) => channel(`smtp://127.0.0.1:${ports[name]}`);
const message = {
  id: "0190aaaa-0000-7000-8000-0000000000e1",
  to: "ada@example.org",
  subject: "Grüße 👋",
  text: "Hallo\n.\n..dot\n",
};

describe("email in workerd", () => {
  it("delivers a message with a name for a host, credentials and UTF-8", async () => {
    const login = `${encodeURIComponent("ada@relay")}:${encodeURIComponent("pä:ss/wörd ✓")}`;
    const outcome = await channel(`smtp://${login}@localhost:${ports.plain}`).send(
      { ...message, html: "<p>Hallo</p>" },
      net,
    );
    expect(outcome).toEqual({ outcome: "accepted", providerId: `${message.id}@example.com`, status: "sent" });
    const all = (await (await fetch(`http://127.0.0.1:${ports.mailbox}/`)).json()) as {
      to: string[];
      user: string;
      raw: string;
    }[];
    const arrived = all.find((mail) => mail.raw.includes(message.id))!;
    expect(arrived).toMatchObject({ to: ["ada@example.org"], user: "ada@relay" });
    const mail = await PostalMime.parse(arrived.raw);
    expect(mail).toMatchObject({ subject: "Grüße 👋", from: { name: "Signalbox", address: "box@example.com" } });
    expect([mail.text?.trimEnd(), mail.html?.trimEnd()]).toEqual([message.text.trimEnd(), "<p>Hallo</p>"]);
  });

  it.each(["cutAfterData", "resetAfterData"] as const)("%s is unknown, and does not hang", async (name) => {
    expect(await at(name).send(message, net)).toMatchObject({ outcome: "unknown" });
  });
  it("hangAfterData is unknown once the caller gives up", async () => {
    const outcome = await at("hangAfterData").send(message, { ...net, signal: AbortSignal.timeout(500) });
    expect(outcome).toMatchObject({ outcome: "unknown" });
  });
  it.each(["cutBeforeGreeting", "busy"] as const)("%s is refused, to be retried", async (name) => {
    expect(await at(name).send(message, net)).toMatchObject({ outcome: "refused", class: "retry" });
  });
  it("a closed port is refused, to be retried", async () => {
    expect(await channel("smtp://127.0.0.1:1").send(message, net)).toMatchObject({
      outcome: "refused",
      class: "retry",
    });
  });
  it("a server's no is refused by its class", async () => {
    const plain = at("plain");
    expect(await plain.send({ ...message, to: "nobody@example.org" }, net)).toMatchObject({
      class: "permanent",
      code: 550,
    });
    expect(await plain.send({ ...message, to: "later@example.org" }, net)).toMatchObject({ class: "retry", code: 451 });
    expect(await plain.send({ ...message, to: "spam@example.org" }, net)).toMatchObject({
      class: "content",
      code: 554,
    });
  });
});
