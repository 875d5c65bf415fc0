// What `npm run demo -- …` was given. Pure.
import { parseArgs } from "node:util";
import { DEMO_ACCOUNT, type TwilioAccount } from "./twilio-account.ts";

export type DemoOptions = {
  /** Origin of the running product. */
  url: string;
  username: string;
  password: string;
  /** Start a server of our own, on a free port and with a state of its own, and end it afterwards. */
  start: boolean;
  /** Send by Twilio at this base URL; implies a server of our own, because a channel's credentials are the server's variables. */
  twilio: { url: string; account: TwilioAccount } | undefined;
  channel: "inapp" | "sms" | "whatsapp";
  /** Who gets the messages. The default is a number set aside for fiction. */
  to: string;
  /** Gets an outgoing POST for each message. */
  target: string | undefined;
  /** Every example of the package instead of a dozen. */
  all: boolean;
};

export const USAGE = `npm run demo -- [options]

  --url URL             the running product (http://localhost:8787); start it with npm start
  --username, --password  its account (admin / admin)
  --start               start a server for this demo alone, and end it afterwards
  --twilio-url URL      the same with Twilio, or anything that speaks its REST API, as the channel; starts a server for this demo alone
  --twilio-account-sid, --twilio-auth-token, --twilio-from
                        the account; without them TWILIO_ACCOUNT_SID and so on from the environment, then one that a stand-in takes
  --channel sms|whatsapp  with --twilio-url (sms)
  --to NUMBER           who gets the messages (+14155550100)
  --target URL          also POST each headline there
  --all                 every example payload of GitHub's, not only a dozen`;

const DEFINITIONS = {
  url: { type: "string", default: "http://localhost:8787" },
  username: { type: "string", default: "admin" },
  password: { type: "string", default: "admin" },
  start: { type: "boolean", default: false },
  "twilio-url": { type: "string" },
  "twilio-account-sid": { type: "string" },
  "twilio-auth-token": { type: "string" },
  "twilio-from": { type: "string" },
  channel: { type: "string", default: "sms" },
  to: { type: "string", default: "+14155550100" },
  target: { type: "string" },
  all: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const httpUrl = (name: string, text: string): string => {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new Error(`${name} ${text}: is not an http(s) URL`);
};
const base = (name: string, text: string): string => httpUrl(name, text).replace(/\/+$/, "");

/** Undefined when help was asked for. Throws an Error whose message is one line that names the option. */
export const demoOptions = (
  argv: readonly string[],
  environment: Record<string, string | undefined>,
): DemoOptions | undefined => {
  const { values } = parseArgs({ args: [...argv], options: DEFINITIONS, allowPositionals: false });
  if (values.help) return undefined;
  const { channel } = values;
  if (channel !== "sms" && channel !== "whatsapp") throw new Error(`--channel ${channel}: is neither sms nor whatsapp`);
  const account = {
    sid: values["twilio-account-sid"] ?? environment.TWILIO_ACCOUNT_SID ?? DEMO_ACCOUNT.sid,
    token: values["twilio-auth-token"] ?? environment.TWILIO_AUTH_TOKEN ?? DEMO_ACCOUNT.token,
    from: values["twilio-from"] ?? environment.TWILIO_FROM ?? DEMO_ACCOUNT.from,
  };
  const twilioUrl = values["twilio-url"];
  return {
    url: base("--url", values.url),
    username: values.username,
    password: values.password,
    start: values.start || twilioUrl !== undefined,
    twilio: twilioUrl === undefined ? undefined : { url: base("--twilio-url", twilioUrl), account },
    channel: twilioUrl === undefined ? "inapp" : channel,
    to: values.to,
    target: values.target === undefined ? undefined : httpUrl("--target", values.target),
    all: values.all,
  };
};
