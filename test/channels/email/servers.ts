// SMTP servers for tests, in Node: a real one that keeps what arrives and refuses by name, its two TLS kinds, and bare sockets that break
// the connection at a chosen moment. The local part of the recipient says what the real one does.
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export type Arrived = { from: string; to: string[]; user: string | undefined; secure: boolean; raw: string };
export type SmtpPorts = Record<
  | "plain"
  | "starttls"
  | "implicit"
  | "cutAfterData"
  | "resetAfterData"
  | "hangAfterData"
  | "cutBeforeGreeting"
  | "mute"
  | "busy"
  | "pretends"
  | "mailbox",
  number
>;

export const USER = "ada@relay";
export const PASSWORD = "pä:ss/wörd ✓";

const RCPT: Record<string, [number, string]> = {
  nobody: [550, "5.1.1 no such user"],
  later: [451, "4.7.1 greylisted"],
  relay: [550, "5.7.1 relaying denied"],
};
const DATA: Record<string, [number, string]> = {
  spam: [554, "5.7.1 looks like spam"],
  full: [552, "5.2.2 mailbox full"],
  slow: [452, "4.3.1 no room now"],
};
const refusal = ([code, text]: [number, string]) => Object.assign(new Error(text), { responseCode: code });
const localPart = (address: string) => address.split("@")[0]!;

const realServer = (arrived: Arrived[], options: SMTPServerOptions) =>
  new SMTPServer({
    logger: false,
    authOptional: true,
    disableReverseLookup: true,
    onAuth: (auth, _session, done) =>
      auth.username === USER && auth.password === PASSWORD
        ? done(null, { user: USER })
        : done(new Error("Invalid login")),
    onMailFrom: (address, _session, done) =>
      localPart(address.address) === "banned" ? done(refusal([550, "5.7.1 sender banned"])) : done(),
    onRcptTo: (address, _session, done) => {
      const rule = RCPT[localPart(address.address)];
      return rule ? done(refusal(rule)) : done();
    },
    onData: (stream, session, done) => {
      let raw = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        raw += chunk;
      });
      stream.on("end", () => {
        const to = session.envelope.rcptTo.map((address) => address.address);
        const rule = DATA[localPart(to[0]!)];
        if (rule) return done(refusal(rule));
        const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : "";
        arrived.push({ from, to, user: session.user, secure: session.secure, raw });
        done(null, "queued");
      });
    },
    ...options,
  });

/** A server that talks just enough SMTP to be handed a message, and then does `atEnd`. */
const scripted = (atEnd: (socket: Socket) => void) =>
  createServer((socket) => {
    socket.on("error", () => undefined).write("220 hello\r\n");
    let body: string | undefined;
    socket.on("data", (chunk) => {
      const text = chunk.toString();
      if (body !== undefined) {
        body += text;
        if (body.endsWith("\r\n.\r\n")) atEnd(socket);
      } else if (/^EHLO/.test(text)) socket.write("250-hello\r\n250 SIZE 1000000\r\n");
      else if (/^DATA/.test(text)) {
        body = "";
        socket.write("354 go\r\n");
      } else socket.write("250 ok\r\n");
    });
  });

export type TlsFiles = { key: string; cert: string };

export const startSmtpServers = async (files?: TlsFiles) => {
  const arrived: Arrived[] = [];
  const plain = realServer(arrived, { disabledCommands: ["STARTTLS"], allowInsecureAuth: true });
  const starttls = realServer(arrived, { ...files });
  const implicit = realServer(arrived, { secure: true, ...files });
  for (const server of [plain, starttls, implicit]) server.on("error", () => undefined);
  const sockets = new Set<Socket>();
  const bare: Partial<Record<keyof SmtpPorts, Server>> = {
    cutAfterData: scripted((socket) => socket.end()),
    resetAfterData: scripted((socket) => socket.resetAndDestroy()),
    hangAfterData: scripted(() => undefined),
    cutBeforeGreeting: createServer((socket) => socket.end()),
    mute: createServer(() => undefined),
    busy: createServer((socket) => socket.end("421 too busy\r\n")),
    // Says yes to STARTTLS, as to everything, and goes on in the clear.
    pretends: scripted((socket) => socket.write("250 ok\r\n")),
    mailbox: createHttpServer((request, response) => {
      const url = new URL(request.url!, "http://x");
      if (url.pathname === "/redirect") response.writeHead(307, { location: url.searchParams.get("to")! }).end();
      else response.end(url.pathname === "/big" ? "x".repeat(100_000) : JSON.stringify(arrived));
    }),
  };
  const ports: Partial<SmtpPorts> = {};
  const started: { close: () => unknown }[] = [];
  const listen = async (name: keyof SmtpPorts, server: Server) => {
    server.on("connection", (socket) => sockets.add(socket));
    if (!server.listening) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ports[name] = (server.address() as AddressInfo).port;
    started.push(server);
  };
  for (const [name, server] of Object.entries({ plain, starttls, implicit })) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await listen(name as keyof SmtpPorts, server.server);
  }
  for (const [name, server] of Object.entries(bare)) await listen(name as keyof SmtpPorts, server);
  return {
    arrived,
    ports: ports as SmtpPorts,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      for (const server of started) server.close();
    },
  };
};
