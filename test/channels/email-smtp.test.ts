// Email over real TCP to a real SMTP server, read back by a real MIME parser. The same channel runs in workerd in workerd/email-smtp.test.ts.
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import fc from "fast-check";
import PostalMime from "postal-mime";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Net, OutboundMessage } from "../../src/channels/channel.ts";
import { parseSmtpUrl, type SmtpServer } from "../../src/channels/email/smtp-url.ts";
import { createEmailSmtp } from "../../src/channels/email-smtp.ts";
import { LOCALHOST } from "./email/localhost-certificate.ts";
import { PASSWORD, type SmtpPorts, startSmtpServers, USER } from "./email/servers.ts";

let servers: Awaited<ReturnType<typeof startSmtpServers>>;
const trusted = getCACertificates("default");
const net: Net = { fetch, now: () => Date.UTC(2026, 10, 21, 12, 30, 5) };
const message: OutboundMessage = { id: "0190-m1", to: "ada@example.org", subject: "Hello", text: "Hi Ada\n" };

const at = (name: keyof SmtpPorts, more: Partial<SmtpServer> = {}, from = "box@example.com") =>
  createEmailSmtp({ server: { host: "127.0.0.1", port: servers.ports[name], tls: "none", ...more }, from });
const read = async () => PostalMime.parse(servers.arrived.at(-1)!.raw);

beforeAll(async () => {
  servers = await startSmtpServers(LOCALHOST);
});
beforeEach(() => {
  servers.arrived.length = 0;
});
afterAll(() => {
  setDefaultCACertificates(trusted);
  servers.stop();
});

describe("a message", () => {
  it("arrives with envelope, headers and text", async () => {
    expect(await at("plain").send(message, net)).toEqual({
      outcome: "accepted",
      providerId: "0190-m1@example.com",
      status: "sent",
    });
    expect(servers.arrived).toMatchObject([{ from: "box@example.com", to: ["ada@example.org"], secure: false }]);
    expect(await read()).toMatchObject({
      from: { address: "box@example.com", name: "" },
      to: [{ address: "ada@example.org", name: "" }],
      subject: "Hello",
      messageId: "<0190-m1@example.com>",
      date: "2026-11-21T12:30:05.000Z",
      text: "Hi Ada\n",
    });
  });
  it("keeps UTF-8 in names, subject, text and HTML, in ASCII headers", async () => {
    const subject = `Grüße ${"an alle äöü 👋🏽 ".repeat(12)}`.trim();
    const html = "<p>Zoë — ☃ &amp; 你好</p>";
    const to = "Zoë O'Neil <zoe@example.org>";
    await at("plain", {}, '"Müller, Jörg" <joerg@example.com>').send(
      { ...message, to, subject, text: "Zoë — ☃", html },
      net,
    );
    const head = servers.arrived[0]!.raw.split("\r\n\r\n")[0]!;
    expect(head).toMatch(/^[\x20-\x7e\r\n\t]*$/);
    expect(Math.max(...head.split("\r\n").map((line) => line.length))).toBeLessThanOrEqual(78);
    const mail = await read();
    expect(mail).toMatchObject({
      subject,
      from: { name: "Müller, Jörg", address: "joerg@example.com" },
      to: [{ name: "Zoë O'Neil", address: "zoe@example.org" }],
    });
    expect([mail.text?.trim(), mail.html?.trim()]).toEqual(["Zoë — ☃", html]);
  });
  it("takes the message's own sender, and HTML alone", async () => {
    await at("plain").send({ id: "m", to: "ada@example.org", from: "Eve <eve@example.net>", html: "<b>x</b>" }, net);
    expect(servers.arrived[0]).toMatchObject({ from: "eve@example.net" });
    expect(await read()).toMatchObject({ html: "<b>x</b>\n", from: { name: "Eve" }, messageId: "<m@example.net>" });
  });
  it.each([
    ".",
    "..",
    ".\n",
    "a\n.\nb",
    "\r\n.\r\nQUIT\r\n",
    "a\r\n..b\r\n.c",
    `${"x".repeat(5000)}\n.`,
    "line \nother\t\n= 3D",
  ])("carries text %# unharmed", async (text) => {
    expect(await at("plain").send({ ...message, text }, net)).toMatchObject({ outcome: "accepted" });
    expect(servers.arrived.length).toBe(1);
    const lines = (given: string) => given.replaceAll("\r\n", "\n").replace(/\n+$/, "");
    expect(lines((await read()).text!)).toBe(lines(text));
  });
  it("carries any text", async () => {
    const text = fc
      .string({ unit: fc.constantFrom(..."aé👋.\n =\t"), maxLength: 60 })
      .filter((given) => given.trim() !== "");
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        expect(await at("plain").send({ ...message, text: given }, net)).toMatchObject({ outcome: "accepted" });
        expect((await read()).text!.replace(/\n$/, "")).toBe(given.replace(/\n$/, ""));
      }),
      { numRuns: 10 },
    );
  });
});

describe("header injection", () => {
  it.each([
    ["Hi\r\nBcc: evil@example.net", "Hi Bcc: evil@example.net"],
    [" Hi\n\nBcc: evil@example.net\n", "Hi Bcc: evil@example.net"],
    ["Hi\rBcc: x", "Hi Bcc: x"],
    ["Hi\u0000\u000b\u2028Bcc: x", "Hi Bcc: x"],
    // A reader decodes it, after the headers have been told apart.
    ["=?utf-8?q?=0D=0ABcc:_x?=", "\r\nBcc: x"],
  ])("by the subject %j changes the subject alone", async (subject, shown) => {
    expect(await at("plain").send({ ...message, subject }, net)).toMatchObject({ outcome: "accepted" });
    const mail = await read();
    expect(mail.subject).toBe(shown);
    expect(mail.headers.map((header) => header.key).toSorted()).toEqual([
      "content-transfer-encoding",
      "content-type",
      "date",
      "from",
      "message-id",
      "mime-version",
      "subject",
      "to",
    ]);
    expect(servers.arrived[0]!.to).toEqual(["ada@example.org"]);
  });
  it("by the message's id", async () => {
    await at("plain").send({ ...message, id: "x>\r\nBcc: evil@example.net" }, net);
    expect((await read()).messageId).toBe("<x---Bcc--evil-example.net@example.com>");
  });
  it.each([
    "",
    "ada",
    "ada@",
    "@example.org",
    "ada@example..org",
    "ada@-example.org",
    ".ada@example.org",
    "a..b@example.org",
    "ada@example.org\r\nRCPT TO:<evil@example.net>",
    "ada@example.org\nBcc: evil@example.net",
    "ada@example.org, evil@example.net",
    "ada@example.org; evil@example.net",
    "ada@example.org evil@example.net",
    "<ada@example.org> <evil@example.net>",
    "friends: ada@example.org, evil@example.net;",
    "ada@example.org> SIZE=1",
    '"a b"@example.org',
    "ada@evil@example.org",
    "ada@[127.0.0.1]",
    `${"a".repeat(65)}@example.org`,
    `a@${"b.".repeat(130)}org`,
    "ada@example.org\u0000",
    "ada@ｅxample.org",
  ])("by the recipient %j is refused before a connection", async (to) => {
    const outcome = await at("plain", { port: 1 }).send({ ...message, to }, net);
    expect(outcome).toMatchObject({
      outcome: "refused",
      class: "permanent",
      name: "Recipient is not an email address",
    });
  });
  it.each([
    ["ada@example.org", "", "ada@example.org"],
    [" ada.o'neil+x@sub.example.org ", "", "ada.o'neil+x@sub.example.org"],
    ["<ada@example.org>", "", "ada@example.org"],
    ["Ada <ada@example.org>", "Ada", "ada@example.org"],
    ['"Lovelace, \\"Ada\\"" <ada@example.org>', 'Lovelace, "Ada"', "ada@example.org"],
    ["ada@münchen.de", "", "ada@xn--mnchen-3ya.de"],
  ])("but %j is one mailbox", async (to, name, address) => {
    expect(await at("plain").send({ ...message, to }, net)).toMatchObject({ outcome: "accepted" });
    expect((await read()).to).toEqual([{ name, address }]);
  });
  it("by the sender is refused", async () => {
    for (const from of ["a@b.c\r\nBcc: x@y.z", "not an address"])
      expect(await at("plain").send({ ...message, from }, net)).toMatchObject({ class: "configuration" });
    expect(servers.arrived).toEqual([]);
  });
});

describe("what cannot be sent", () => {
  it.each([
    [{ text: "" }, "content"],
    [{ text: undefined }, "content"],
    [{ mediaUrls: ["https://a/x.png"] }, "content"],
  ] as const)("%j", async (more, errorClass) => {
    const given = { ...message, ...more } as OutboundMessage;
    expect(await at("plain", { port: 1 }).send(given, net)).toMatchObject({ outcome: "refused", class: errorClass });
  });
});

describe("what the server answers", () => {
  it.each([
    ["nobody", "permanent", 550, "Mailbox unavailable"],
    ["later", "retry", 451, "Local error in processing"],
    ["relay", "configuration", 550, "Mailbox unavailable"],
    ["spam", "content", 554, "Transaction failed"],
    ["full", "permanent", 552, "Exceeded storage allocation"],
    ["slow", "retry", 452, "Insufficient system storage"],
  ])("%s@: %s", async (local, errorClass, code, name) => {
    const outcome = await at("plain").send({ ...message, to: `${local}@example.org` }, net);
    expect(outcome).toMatchObject({ outcome: "refused", class: errorClass, code, name });
    expect(servers.arrived).toEqual([]);
  });
  it("a banned sender is no contact's fault", async () => {
    const outcome = await at("plain").send({ ...message, from: "banned@example.com" }, net);
    expect(outcome).toMatchObject({ outcome: "refused", class: "configuration", code: 550 });
  });
});

describe("what the connection does", () => {
  it.each(["cutAfterData", "resetAfterData"] as const)("%s: unknown", async (name) => {
    expect(await at(name).send(message, net)).toMatchObject({ outcome: "unknown" });
  });
  it("hangs after the message, and the caller gives up: unknown", async () => {
    const outcome = await at("hangAfterData").send(message, { ...net, signal: AbortSignal.timeout(200) });
    expect(outcome).toMatchObject({ outcome: "unknown" });
  });
  it("hangs before it, and the caller gives up: surely not sent", async () => {
    const outcome = await at("mute").send(message, { ...net, signal: AbortSignal.timeout(200) });
    expect(outcome).toMatchObject({ outcome: "refused", class: "retry" });
    const given = AbortSignal.abort();
    expect(await at("plain").send(message, { ...net, signal: given })).toMatchObject({
      outcome: "refused",
      class: "retry",
    });
    expect(servers.arrived).toEqual([]);
  });
  it.each(["cutBeforeGreeting", "busy"] as const)("%s: surely not sent", async (name) => {
    expect(await at(name).send(message, net)).toMatchObject({ outcome: "refused", class: "retry" });
  });
  it("is refused: surely not sent", async () => {
    expect(await at("plain", { port: 1 }).send(message, net)).toMatchObject({ outcome: "refused", class: "retry" });
  });
});

describe("login and TLS", () => {
  const login = { user: USER, password: PASSWORD };
  it("logs in with any characters", async () => {
    expect(await at("plain", login).send(message, net)).toMatchObject({ outcome: "accepted" });
    expect(servers.arrived).toMatchObject([{ user: USER }]);
  });
  it("a wrong password is a configuration error", async () => {
    const outcome = await at("plain", { ...login, password: "wrong" }).send(message, net);
    expect(outcome).toMatchObject({ outcome: "refused", class: "configuration", code: 535 });
    expect(JSON.stringify(outcome)).not.toContain("wrong");
  });
  it.each([
    ["starttls", "starttls"],
    ["starttls", "optional"],
    ["implicit", "implicit"],
  ] as const)("%s server, tls %s: a certificate that nobody vouches for stops it", async (name, tls) => {
    const outcome = await at(name, { ...login, tls, host: "localhost" }).send(message, net);
    // A handshake that fails tells no wrong certificate from a bad moment: bounded retries, and the reason in words.
    expect(outcome).toMatchObject({ outcome: "refused", class: "retry", name: "Not connected" });
    expect(outcome.outcome === "refused" && outcome.message).toMatch(/self-signed certificate/);
    expect(servers.arrived).toEqual([]);
  });
  it("a missing STARTTLS stops it, so that nobody on the way reads the password", async () => {
    const outcome = await at("plain", { ...login, tls: "starttls" }).send(message, net);
    expect(outcome).toMatchObject({ outcome: "refused", class: "configuration" });
    expect(await at("pretends", { ...login, tls: "starttls" }).send(message, net)).toMatchObject({
      outcome: "refused",
    });
    expect(servers.arrived).toEqual([]);
  });
  it.each([
    ["starttls", "starttls"],
    ["starttls", "optional"],
    ["implicit", "implicit"],
  ] as const)("%s server, tls %s: delivers encrypted", async (name, tls) => {
    setDefaultCACertificates([...trusted, LOCALHOST.cert]);
    const outcome = await at(name, { ...login, tls, host: "localhost" }).send(message, net);
    expect(outcome).toMatchObject({ outcome: "accepted" });
    expect(servers.arrived).toMatchObject([{ secure: true, user: USER }]);
  });
});

describe("parseSmtpUrl", () => {
  it.each([
    ["smtp://mail.example.com", { host: "mail.example.com", port: 587, tls: "optional" }],
    [
      "smtp://u:p@mail.example.com:25",
      { host: "mail.example.com", port: 25, tls: "starttls", user: "u", password: "p" },
    ],
    [
      "smtps://u:p@mail.example.com",
      { host: "mail.example.com", port: 465, tls: "implicit", user: "u", password: "p" },
    ],
    ["SMTP://MAIL.example.com/", { host: "mail.example.com", port: 587, tls: "optional" }],
    [
      "smtp://a%40b.c:p%C3%A4%3A%2F@h.io",
      { host: "h.io", port: 587, tls: "starttls", user: "a@b.c", password: "pä:/" },
    ],
    ["smtp://u:p@127.0.0.1:2525", { host: "127.0.0.1", port: 2525, tls: "none", user: "u", password: "p" }],
    ["smtp://localhost:1025", { host: "localhost", port: 1025, tls: "none" }],
    ["smtp://[::1]:1025", { host: "::1", port: 1025, tls: "none" }],
    ["smtp://u:p@mailpit:1025?tls=none", { host: "mailpit", port: 1025, tls: "none", user: "u", password: "p" }],
    ["smtp://127.0.0.1:587?tls=starttls", { host: "127.0.0.1", port: 587, tls: "starttls" }],
    ["smtps://h.io?tls=none", { host: "h.io", port: 465, tls: "implicit" }],
  ])("%s", (url, server) => expect(parseSmtpUrl(url)).toEqual({ ok: true, value: server }));
  it.each([
    ["", "is not a URL"],
    ["mail.example.com:25", "must start with smtp:// or smtps://"],
    ["http://mail.example.com", "must start with smtp:// or smtps://"],
    ["smtp:///x", "names no host"],
    ["smtp://a b", "is not a URL"],
    ["smtp://u:%zz@h.io", "has a malformed percent-encoding in its credentials"],
    ["smtp://h.io?tls=maybe", "has a tls other than starttls, optional, none"],
  ])("%j %s", (url, error) => expect(parseSmtpUrl(url)).toEqual({ ok: false, error }));
});
