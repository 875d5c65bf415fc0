// `npm run demo`: real GitHub webhook deliveries through a workflow, against a running product or one that it starts itself.
// Exits with 0 only when everything is as a reader of the payloads expects. The steps are here; what they do is in demo/.
import { connect } from "node:net";
import { type Client, signIn } from "./demo/client.ts";
import { type DemoOptions, demoOptions, USAGE } from "./demo/options.ts";
import { type OwnServer, startOwnServer } from "./demo/own-server.ts";
import { faultsIn, report } from "./demo/report.ts";
import { play } from "./demo/story.ts";
import { writeFirst } from "./demo/write-first.ts";

const fail = (line: string): never => {
  console.error(line);
  process.exit(1);
};

const readOptions = (): DemoOptions => {
  try {
    const options = demoOptions(process.argv.slice(2), process.env);
    if (options) return options;
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${USAGE}`);
  }
  console.log(USAGE);
  process.exit(0);
};

/** Whether anything listens there. No request is sent: somebody may be counting them. */
const listens = (url: string): Promise<boolean> => {
  const { hostname, port, protocol } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port) || (protocol === "https:" ? 443 : 80),
      timeout: 5_000,
    });
    const end = (open: boolean) => () => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  });
};

const variablesFor =
  ({ twilio, target }: DemoOptions) =>
  (origin: string): Record<string, string> => ({
    // Where Twilio tells of a message's further way.
    PUBLIC_URL: origin,
    ...(twilio && {
      TWILIO_ACCOUNT_SID: twilio.account.sid,
      TWILIO_AUTH_TOKEN: twilio.account.token,
      TWILIO_FROM: twilio.account.from,
      TWILIO_WHATSAPP_FROM: twilio.account.from,
      TWILIO_API_BASE_URL: twilio.url,
    }),
    ...(target !== undefined && { EGRESS_ALLOW_HOSTS: hostAndPort(target) }),
  });

const hostAndPort = (url: string): string => {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
};

const begin = async (options: DemoOptions): Promise<OwnServer> => {
  if (options.twilio && !(await listens(options.twilio.url)))
    return fail(`Nothing answers at ${options.twilio.url}, which --twilio-url names.`);
  if (options.start) {
    console.log("Starting a server for this demo.");
    return startOwnServer(variablesFor(options));
  }
  if (await listens(options.url)) return { origin: options.url, stop: async () => {} };
  return fail(
    `Nothing answers at ${options.url}. Start the product in another terminal with \`npm start\`, or let the demo do it: \`npm run demo -- --start\``,
  );
};

const enter = (origin: string, { username, password }: DemoOptions): Promise<Client> =>
  signIn(origin, username, password).catch((error) => {
    throw new Error(`Cannot sign in as ${username}: ${(error as Error).message}`);
  });

const options = readOptions();
const server = await begin(options).catch((error) => fail((error as Error).message));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => void server.stop().finally(() => process.exit(130)));
}
try {
  const client = await enter(server.origin, options);
  if (options.twilio) console.log(`Messages go to ${options.twilio.url} as account ${options.twilio.account.sid}.`);
  if (options.twilio && options.channel === "whatsapp")
    await writeFirst(server.origin, options.twilio.account, options.to);
  console.log(`Sending GitHub's deliveries to ${server.origin}.\n`);
  const story = await play(client, options);
  console.log(report(story));
  console.log(`Workflow ${story.workflowId}`);
  process.exitCode = faultsIn(story) === 0 ? 0 : 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  await server.stop();
}
