import { filledText, hasTemplate, templated } from "../../../src/nodes/config.ts";
import { ATTEMPT_MS, defineNode, passResult } from "../../../src/nodes/node.ts";

const HOOK = /^https:\/\/hooks\.slack\.com\/services\//;

/** Output `{status, headers, body}`; Slack answers the body `ok`. */
export const actionSlackMessage = defineNode({
  type: "action_slack_message",
  kind: "action",
  title: "Send to Slack",
  description: "Posts a text to the channel of a Slack incoming webhook.",
  fields: {
    hook_url: templated(filledText(200).meta({ title: "Webhook URL" })),
    text: templated(filledText(4_000).meta({ title: "Text" })),
  },
  check: ({ hook_url: url }) =>
    hasTemplate(url) || HOOK.test(String(url)) ? [] : [{ path: "hook_url", message: "A Slack webhook URL is needed." }],
  longestMs: () => ATTEMPT_MS,
  enter: ({ config: { hook_url: url, text } }) => ({
    kind: "perform",
    action: "http.request",
    input: { url, method: "POST", headers: {}, body: { text } },
  }),
  resume: passResult,
});
