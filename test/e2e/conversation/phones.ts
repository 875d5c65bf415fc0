// The phones of the people of a scenario: what they see arrive there, as the provider's ledger has it, and what they send, as Twilio would tell us.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import type { Entry } from "../../fixtures/stand-in/ledger.ts";
import type { Account } from "../../fixtures/stand-in/twilio.ts";

/** `at`: epoch ms at the provider. `text` as the person sees it: choices behind it in brackets, a medium's URL in angle brackets. */
export type Seen = { at: number; text: string };

type Form = Record<string, string>;
type Content = { types: Record<string, { body: string; actions?: { title: string }[]; items?: { item: string }[] }> };

const LOOK_MS = 25;
const RETRY_MS = 100;
const PATIENCE_MS = 20_000;

/** Reads a ledger as it grows. */
class Tail {
  readonly #file: number;
  #offset = 0;
  #rest = "";

  constructor(path: string) {
    this.#file = openSync(path, "r");
  }

  read(): Entry[] {
    const length = fstatSync(this.#file).size - this.#offset;
    if (length <= 0) return [];
    const bytes = Buffer.alloc(length);
    this.#offset += readSync(this.#file, bytes, 0, length, this.#offset);
    const lines = (this.#rest + bytes.toString("utf8")).split("\n");
    this.#rest = lines.pop()!;
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Entry);
  }

  close(): void {
    closeSync(this.#file);
  }
}

export class Phones {
  /** Calls that were answered with something else than 2xx, or not at all, and were made again. */
  repeated = 0;
  readonly #tail: Tail;
  readonly #inbox: string;
  readonly #account: Account;
  readonly #seen = new Map<string, Seen[]>();
  readonly #contents = new Map<string, string>();
  #count = 0;
  #closed = false;

  constructor(of: { ledgerPath: string; origin: string; account: Account }) {
    this.#tail = new Tail(of.ledgerPath);
    this.#inbox = `${of.origin}/webhooks/inbound`;
    this.#account = of.account;
    void this.#look();
  }

  close(): void {
    this.#closed = true;
    this.#tail.close();
  }

  /** Everything that arrived at the address (`+1…` or `whatsapp:+1…`) so far. */
  seenBy(address: string): readonly Seen[] {
    return this.#seen.get(address) ?? [];
  }

  /** The first `count` messages, or what there is when the time is over. */
  async hear(address: string, count: number, withinMs: number): Promise<readonly Seen[]> {
    const deadline = Date.now() + withinMs;
    while (this.seenBy(address).length < count && Date.now() < deadline) await sleep(LOOK_MS);
    return this.seenBy(address);
  }

  /** As Twilio does it: signed, and again, under the same id, until it is answered. Epoch ms at which the first call left. */
  async say(message: { from: string; to: string; text: string; more?: Form }): Promise<number> {
    const { from, to, text, more } = message;
    const sid = `SM${(++this.#count).toString(16).padStart(32, "0")}`;
    const form: Form = {
      ...{ MessageSid: sid, SmsMessageSid: sid, SmsStatus: "received", AccountSid: this.#account.sid },
      ...{ From: from, To: to, Body: text, NumMedia: "0", ...more },
    };
    const left = Date.now();
    while (!(await this.#call(form))) {
      this.repeated++;
      await sleep(RETRY_MS);
    }
    return left;
  }

  async #call(form: Form): Promise<boolean> {
    const headers = { "x-twilio-signature": getExpectedTwilioSignature(this.#account.token, this.#inbox, form) };
    const init = { method: "POST", headers, body: new URLSearchParams(form), signal: AbortSignal.timeout(PATIENCE_MS) };
    try {
      const answer = await fetch(this.#inbox, init);
      await answer.arrayBuffer();
      return answer.ok;
    } catch {
      return false;
    }
  }

  async #look(): Promise<void> {
    for (; !this.#closed; await sleep(LOOK_MS)) for (const entry of this.#tail.read()) this.#take(entry);
  }

  #take({ kind, accepted, at, body, sid }: Entry): void {
    if (kind === "twilio.content") this.#contents.set(sid!, described(body as Content));
    if (kind !== "twilio.send" || !accepted) return;
    const { To = "", Body = "", ContentSid, MediaUrl } = body as Form;
    const text = ContentSid ? (this.#contents.get(ContentSid) ?? ContentSid) : Body;
    const seen = this.#seen.get(To) ?? [];
    seen.push({ at, text: [text, MediaUrl && `<${MediaUrl}>`].filter(Boolean).join(" ") });
    this.#seen.set(To, seen);
  }
}

const described = ({ types }: Content): string => {
  const [{ body, actions = [], items = [] }] = Object.values(types) as [Content["types"][string]];
  const choices = [...actions.map(({ title }) => title), ...items.map(({ item }) => item)];
  return `${body} ${choices.map((choice) => `[${choice}]`).join(" ")}`;
};
