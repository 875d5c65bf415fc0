// What `npm run import -- …` was given. Pure.
import { parseArgs } from "node:util";

export type ImportOptions = {
  file: string;
  /** Origin of the running product. */
  url: string;
  name: string | undefined;
  keywords: string[];
  publish: boolean;
  /** Only tell what would become of it: nothing is sent anywhere. */
  dryRun: boolean;
  /** Who imports: a token with the user's number, else an account. */
  token: { value: string; userId: string } | undefined;
  username: string;
  password: string;
};

export const USAGE = `npm run import -- FILE [options]

  FILE                  a Twilio Studio flow definition or a Typebot export, as JSON; - reads it from standard input
  --keywords A,B        words that start the flow; without them its name does, or what the export says
  --name NAME           of the flow; without it that of the export
  --publish             publish the flow at once
  --dry-run             only tell what would become of it; no product is asked
  --url URL             the running product (http://127.0.0.1:8787); start it with npm start
  --username, --password  an account there (admin / admin)
  --token, --user-id    a token in place of the account, and whose it is; also from SIGNALBOX_TOKEN and SIGNALBOX_USER_ID`;

const DEFINITIONS = {
  keywords: { type: "string", default: "" },
  name: { type: "string" },
  publish: { type: "boolean", default: false },
  "dry-run": { type: "boolean", default: false },
  url: { type: "string", default: "http://127.0.0.1:8787" },
  username: { type: "string", default: "admin" },
  password: { type: "string", default: "admin" },
  token: { type: "string" },
  "user-id": { type: "string" },
  help: { type: "boolean", default: false },
} as const;

/** Undefined when help was asked for. Throws an Error whose message is one line that names the option. */
export const importOptions = (
  argv: readonly string[],
  environment: Record<string, string | undefined>,
): ImportOptions | undefined => {
  const { values, positionals } = parseArgs({ args: [...argv], options: DEFINITIONS, allowPositionals: true });
  if (values.help) return undefined;
  const [file, ...more] = positionals;
  if (file === undefined) throw new Error("FILE: which export is to be imported?");
  if (more.length > 0) throw new Error(`${more[0]}: one file at a time`);
  if (!URL.canParse(values.url) || !/^https?:$/.test(new URL(values.url).protocol))
    throw new Error(`--url ${values.url}: is not an http(s) URL`);
  const token = values.token ?? environment.SIGNALBOX_TOKEN;
  const userId = values["user-id"] ?? environment.SIGNALBOX_USER_ID;
  if (token !== undefined && !/^[1-9]\d*$/.test(userId ?? ""))
    throw new Error("--user-id: a token needs the number of the user whose it is");
  return {
    file,
    url: values.url.replace(/\/+$/, ""),
    name: values.name,
    keywords: values.keywords
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== ""),
    publish: values.publish,
    dryRun: values["dry-run"],
    token: token === undefined ? undefined : { value: token, userId: userId! },
    username: values.username,
    password: values.password,
  };
};
