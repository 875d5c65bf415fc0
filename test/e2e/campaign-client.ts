// Campaigns as an operator's program uses them: people from a file, a template, a segment, a campaign, and a person who writes STOP meanwhile.
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import type { Outside } from "./outside.ts";
import { SENDERS } from "./scenario.ts";

type Answer = Record<string, unknown>;

export class CampaignClient {
  readonly #origin: string;
  readonly #outside: Outside;
  #token = "";

  constructor(origin: string, outside: Outside) {
    this.#origin = origin;
    this.#outside = outside;
  }

  async signIn(): Promise<void> {
    const session = await this.call("POST", "/api/v1/usr/login/", { username: "admin", password: "admin" });
    this.#token = session.access_token as string;
  }

  /** Asks again what a kill cut short. */
  async call(method: string, path: string, body?: object): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await fetch(`${this.#origin}${path}`, {
          method,
          headers: {
            "content-type": "application/json",
            ...(this.#token && { authorization: `Bearer ${this.#token}` }),
          },
          ...(body && { body: JSON.stringify(body) }),
        });
        const text = await answer.text();
        if (answer.status === 503 && attempt < 20) throw new TypeError(text);
        if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text.slice(0, 300)}`);
        return JSON.parse(text) as Answer;
      } catch (error) {
        if (!(error instanceof TypeError) || attempt === 60) throw error;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  /** People with a number and a name each; how long it took, in ms. */
  async upload(phones: readonly string[]): Promise<number> {
    const began = performance.now();
    const rows = phones.map((phone, n) => `${phone},Person ${n},2024-02-0${1 + (n % 9)}`);
    const form = new FormData();
    form.set(
      "file",
      new Blob([`phone_e164,name,signup_date\n${rows.join("\n")}\n`], { type: "text/csv" }),
      "people.csv",
    );
    const answer = await fetch(`${this.#origin}/api/v1/users/bulk/upload`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.#token}` },
      body: form,
    });
    const said = (await answer.json()) as { created: number };
    if (said.created !== phones.length) throw new Error(`the upload answered ${JSON.stringify(said).slice(0, 500)}`);
    return performance.now() - began;
  }

  /** A draft over everybody who signed up in 2024; its id. */
  async draft(content: string, more: object = {}): Promise<string> {
    const template = await this.call("POST", "/api/v1/templates", { name: "Welcome Message", content });
    const segment = await this.call("POST", "/api/v1/segments", {
      name: "New Users",
      filter_criteria: { attribute: "signup_date", operator: "after", value: "2024-01-01" },
    });
    const made = await this.call("POST", "/api/v1/campaigns", {
      name: "Welcome Campaign",
      template_id: template.id,
      segment_id: segment.id,
      ...more,
    });
    return String(made.id);
  }

  trigger(id: string): Promise<Answer> {
    return this.call("POST", `/api/v1/campaigns/${id}/trigger`);
  }

  read(id: string): Promise<Answer> {
    return this.call("GET", `/api/v1/campaigns/${id}`);
  }

  summary(id: string): Promise<Answer> {
    return this.call("GET", `/api/v1/reporting/campaigns/${id}/summary`);
  }

  /** A person writes STOP, as Twilio tells it. Epoch ms at which it was taken; 0 when it was not. */
  async stop(phone: string): Promise<number> {
    const url = `${this.#origin}/webhooks/inbound`;
    const { account } = this.#outside;
    const sid = `SM${phone.slice(1).padStart(32, "e")}`;
    const form = {
      MessageSid: sid,
      AccountSid: account.sid,
      From: phone,
      To: SENDERS.sms,
      Body: "STOP",
      NumMedia: "0",
    };
    const answer = await fetch(url, {
      method: "POST",
      headers: { "x-twilio-signature": getExpectedTwilioSignature(account.token, url, form) },
      body: new URLSearchParams(form),
    }).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    return answer?.ok ? Date.now() : 0;
  }
}

export type Sent = { to: string; at: number };

/** What the provider took of messages with this text in them. */
export const acceptedOf = (outside: Outside, part: string): Sent[] =>
  outside
    .ledger()
    .filter((one) => one.kind === "twilio.send" && one.accepted && (one.body as { Body: string }).Body.includes(part))
    .map((one) => ({ to: (one.body as { To: string }).To, at: one.at }));

export const phoneOf = (n: number): string => `+1${(2_125_550_000 + n).toString()}`;
