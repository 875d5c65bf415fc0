// A person writes `!test` on WhatsApp: Twilio calls us, signed by its own package, a trigger_command workflow answers through Twilio's REST API.
// Repeated calls, a kill between the call and the answer, a forged call, and STOP.
import { setTimeout as sleep } from "node:timers/promises";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { until } from "../outside.ts";
import { type Scenario, SENDERS, type World } from "../scenario.ts";
import { outboundMessages } from "../state.ts";

const ANSWER_MS = 30_000;
const CROWD = 30;

type Inbound = { sid: string; from: string; body: string };

const FORMS = ({ sid, from, body }: Inbound, account: string) => ({
  MessageSid: sid,
  SmsMessageSid: sid,
  SmsStatus: "received",
  AccountSid: account,
  From: `whatsapp:${from}`,
  To: `whatsapp:${SENDERS.whatsapp}`,
  Body: body,
  NumMedia: "0",
  ProfileName: "Ada",
  WaId: from.slice(1),
});

const call = async (
  { product, outside }: World,
  inbound: Inbound,
  token = outside.account.token,
): Promise<{ status: number; text: string }> => {
  const url = `${product.origin}/webhooks/inbound`;
  const form = FORMS(inbound, outside.account.sid);
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "x-twilio-signature": getExpectedTwilioSignature(token, url, form),
      "i-twilio-idempotency-token": inbound.sid,
    },
    body: new URLSearchParams(form),
  });
  return { status: answer.status, text: await answer.text() };
};

const sid = (n: number): string => `SM${String(n).padStart(32, "f")}`;

const play = async (world: World): Promise<void> => {
  const { api, outside, product, verdict, state } = world;
  const workflowId = await api.publish(
    "Answer",
    {
      command: ["trigger_command", { command_name: "!test" }],
      answer: ["action_chat_message", { message: "Hello, {{ event.data.content }}!" }],
    },
    [["command", "output", "answer"]],
  );
  const sends = (to: string) =>
    outside
      .ledger()
      .filter((one) => one.kind === "twilio.send" && (one.body as { To: string }).To === `whatsapp:${to}`);

  const ada = "+14155550101";
  const started = Date.now();
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => call(world, { sid: sid(1), from: ada, body: "!test" })));
  verdict.check(
    "the same call, five times at once, is answered with empty TwiML",
    answers.every(({ status, text }) => status === 200 && /<Response\s*\/>|<Response><\/Response>/.test(text)),
    answers,
  );
  verdict.check("`!test` is answered through Twilio", await until(() => sends(ada).length > 0, ANSWER_MS));
  verdict.fact(`${sends(ada)[0] ? sends(ada)[0]!.at - started : "?"} ms from the call to the answer`);
  verdict.equal(
    "with the workflow's text, from the WhatsApp sender",
    sends(ada).map(({ body }) => [(body as { Body: string }).Body, (body as { From: string }).From]),
    [["Hello, !test!", `whatsapp:${SENDERS.whatsapp}`]],
  );

  const forged = await call(world, { sid: sid(2), from: ada, body: "!test" }, "another token");
  verdict.equal("a forged call is refused", forged.status, 403);
  await call(world, { sid: sid(3), from: ada, body: "just talking" });

  // A crowd, in whose middle everything dies. Twilio calls once more when it got no answer.
  const crowd = Array.from({ length: CROWD }, (_, n) => `+141555503${String(n).padStart(2, "0")}`);
  const insist = async (from: string, n: number): Promise<void> => {
    while (!(await call(world, { sid: sid(100 + n), from, body: "!test" }).catch(() => undefined))) await sleep(100);
  };
  const calls = crowd.map(insist);
  await Promise.race(calls);
  await product.kill();
  const early = crowd.flatMap(sends).length;
  verdict.fact(`killed after the first of ${CROWD} calls was answered; ${early} messages were out by then`);
  await product.start();
  await Promise.all(calls);

  const eve = "+14155550103";
  await call(world, { sid: sid(5), from: eve, body: "STOP" });
  await call(world, { sid: sid(6), from: eve, body: "!test" });
  const runs = CROWD + 2;
  verdict.check(
    "each `!test` started one run",
    await until(async () => (await api.total(workflowId)) === runs, ANSWER_MS),
  );
  const count = async (status: string) => api.total(workflowId, status);
  const final = async () => (await count("completed")) + (await count("failed")) === runs;
  verdict.check(
    "all of them end",
    await until(final, 180_000),
    `${await count("completed")} completed, ${await count("failed")} failed`,
  );
  const answered = crowd.map((one) => sends(one).filter(({ accepted }) => accepted).length);
  verdict.check(
    "nobody was answered twice",
    answered.every((times) => times <= 1),
    answered,
  );
  verdict.equal("who said STOP got no answer", sends(eve).length, 0);
  verdict.equal("there are no dead letters", await api.deadLetters(), 0);
  await product.stop();
  const unknown = outboundMessages(state).filter((row) => row.errorCode === "UNKNOWN_OUTCOME").length;
  const unanswered = answered.filter((times) => times === 0).length;
  verdict.equal("who was not answered is listed as unknown", unanswered, unknown);
  verdict.fact(`${CROWD - unanswered} of ${CROWD} were answered`);
};

export const inbound: Scenario = { name: "inbound", title: "`!test` on WhatsApp", play };
