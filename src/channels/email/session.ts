// One message over one SMTP connection. It says what the server answered and whether the message may have been taken; what that means for the
// sender is outcome.ts. The protocol is nodemailer's. Its own connecting is not used: that resolves names over DNS, and a Worker's socket
// takes names as they are.

import net from "node:net";
import { Readable } from "node:stream";
import tls from "node:tls";
import SMTPConnection, { type SMTPEnvelope } from "nodemailer/lib/smtp-connection";
import { startDeadline } from "../../lib/deadline.ts";
import type { SmtpServer } from "./smtp-url.ts";

/** Milliseconds. RFC 5321 allows servers minutes; a message in doubt costs more than a retry. */
const CONNECT_MS = 10_000;
const IDLE_MS = 30_000;
const WHOLE_MS = 60_000;

export type Envelope = { from: string; to: string };

/** `left`: the server had agreed to take the message, and its bytes had begun to go. `reply`: its last word, when there was one. */
export type SmtpFault = {
  left: boolean;
  message: string;
  /** The command that failed, as `RCPT TO`. */
  command: string;
  /** nodemailer's code, as `EAUTH`. */
  code: string;
  replyCode?: number;
  reply?: string;
};

export type SmtpResult = { ok: true; reply: string } | { ok: false; fault: SmtpFault };

type SmtpError = Error & { code?: string; command?: string; responseCode?: number; response?: string };

const open = (server: SmtpServer): Promise<net.Socket> =>
  new Promise((resolve, reject) => {
    const { host, port } = server;
    const implicit = server.tls === "implicit";
    const servername = net.isIP(host) ? {} : { servername: host };
    const socket = implicit ? tls.connect({ host, port, ...servername }) : net.connect({ host, port });
    socket.once("error", reject);
    socket.once(implicit ? "secureConnect" : "connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });

/** nodemailer listens to a given socket a turn later; what closes in that turn it would wait for until its time-out. */
const listenMeanwhile = (socket: net.Socket, closed: (error: Error) => void) => {
  const early = () => closed(new Error("Connection closed before the greeting"));
  socket.once("end", early).once("close", early);
  return () => setImmediate(() => socket.off("end", early).off("close", early));
};

const talk = (
  connection: SMTPConnection,
  socket: net.Socket,
  { user, password = "" }: SmtpServer,
  envelope: SMTPEnvelope,
  message: Readable,
) =>
  new Promise<string>((resolve, reject) => {
    const handOver = listenMeanwhile(socket, reject);
    connection.on("error", reject);
    const send = (error?: Error | null) => {
      if (error) return reject(error);
      connection.send(envelope, message, (failed, info) => (failed ? reject(failed) : resolve(info.response)));
    };
    connection.connect((error) => {
      if (error) return reject(error);
      if (user === undefined) return send();
      connection.login({ credentials: { user, pass: password } }, send);
    });
    handOver();
  });

const faultOf = (error: unknown, left: boolean): SmtpFault => {
  const { message = String(error), code = "", command = "CONN", responseCode, response } = error as Partial<SmtpError>;
  return {
    left,
    message,
    command,
    code: String(code),
    ...(responseCode && { replyCode: responseCode, reply: response ?? "" }),
  };
};

/** Never throws. `name` is what we call ourselves to the server. */
export const sendBySmtp = async (
  server: SmtpServer,
  name: string,
  envelope: Envelope,
  message: Uint8Array,
  signal?: AbortSignal,
): Promise<SmtpResult> => {
  let left = false;
  let socket: net.Socket | undefined;
  let connection: SMTPConnection | undefined;
  // The connection reads the message only after the server has said 354: from then on it may have been taken.
  const body = new Readable({
    read() {
      left = true;
      this.push(message);
      this.push(null);
    },
  });
  const whole = startDeadline(WHOLE_MS, signal);
  try {
    const opening = open(server);
    opening.then((late) => whole.signal.aborted && late.destroy()).catch(() => undefined);
    socket = await whole.race(startDeadline(CONNECT_MS).race(opening));
    connection = new SMTPConnection({
      connection: socket,
      host: server.host,
      port: server.port,
      name,
      secure: server.tls === "implicit",
      secured: server.tls === "implicit",
      requireTLS: server.tls === "starttls",
      ignoreTLS: server.tls === "none",
      greetingTimeout: CONNECT_MS,
      socketTimeout: IDLE_MS,
      logger: false,
    });
    const reply = await whole.race(talk(connection, socket, server, { ...envelope, size: message.byteLength }, body));
    connection.quit();
    return { ok: true, reply };
  } catch (error) {
    connection?.close();
    socket?.destroy();
    return { ok: false, fault: faultOf(error, left) };
  }
};
