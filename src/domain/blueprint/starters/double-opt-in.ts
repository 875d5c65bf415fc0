// Double opt-in: who asks for news confirms it once more, and what was asked and answered is written down.
import { businessName, consentTag, starter } from "./starter.ts";

export const doubleOptIn = starter({
  id: "starter_double_opt_in",
  name: "Double opt-in",
  description:
    "Somebody writes a keyword; they are asked to confirm, and only then get the tag by which other templates know that they agreed to advertising. Question " +
    "and answer are kept as a note, as proof. No answer is a no.",
  category: "Consent",
  tags: ["consent", "opt-in", "gdpr", "marketing"],
  variables: [
    businessName,
    consentTag,
    {
      name: "keywords",
      type: "array",
      required: true,
      defaultValue: ["JOIN", "SUBSCRIBE"],
      description: "What people write to sign up",
    },
    {
      name: "frequency",
      type: "string",
      required: true,
      defaultValue: "about four messages a month",
      description: "What they sign up for, as a part of a sentence",
    },
    { name: "terms_url", type: "url", required: true, description: "Your terms and privacy notice" },
  ],
  settings: { timeoutSeconds: 7 * 86_400 },
  nodes: {
    keyword: ["trigger_keyword", "They write the keyword", { keywords: "[[template.keywords]]" }],
    agreed_before: [
      "condition_if",
      "On the list already?",
      { conditions: [{ field: "contact.tags", operator: "contains", value: "[[template.consent_tag]]" }] },
    ],
    already: [
      "action_chat_message",
      "Say so",
      { message: "You are on the list of [[template.business_name]] already. Reply STOP at any time to leave it." },
    ],
    ask: [
      "action_question",
      "Ask to confirm",
      {
        message:
          "[[template.business_name]]: please confirm that you want to get offers and news from us, [[template.frequency]]. Message and data rates may apply. " +
          "Reply STOP at any time to end it, HELP for help. Terms: [[template.terms_url]]",
        choices: [
          { id: "yes", title: "Yes, I agree", port: "yes" },
          { id: "no", title: "No, thanks", port: "no" },
        ],
        fallback:
          "Please reply YES if you want to get offers and news from [[template.business_name]], or NO if you do not.",
        max_fails: 2,
        timeout: 24,
        unit: "hours",
      },
    ],
    tag: ["action_add_tag", "Give the tag", { tag_name: "[[template.consent_tag]]" }],
    proof: [
      "action_add_note",
      "Write down the proof",
      {
        note:
          "Double opt-in for [[template.business_name]] ([[template.frequency]], terms [[template.terms_url]]): wrote '{{ event.data.content }}' at " +
          "{{ event.occurred_at }}, confirmed with '{{ nodes.ask.output.text }}'.",
      },
    ],
    welcome: [
      "action_chat_message",
      "Confirm",
      { message: "Thank you, you are on the list of [[template.business_name]]. Reply STOP at any time to leave it." },
    ],
    respect: [
      "action_chat_message",
      "Respect a no",
      { message: "All right, you will get no offers from [[template.business_name]]." },
    ],
    done: ["flow_end", "Done"],
  },
  ways: [
    ["keyword", "agreed_before"],
    ["agreed_before", "already", "true"],
    ["agreed_before", "ask", "false"],
    ["already", "done"],
    ["already", "done", "error"],
    ["ask", "tag", "yes"],
    ["ask", "respect", "no"],
    ["ask", "ask", "invalid"],
    ["ask", "done", "failed"],
    ["ask", "done", "timeout"],
    ["ask", "done", "error"],
    ["tag", "proof"],
    ["proof", "welcome"],
    ["welcome", "done"],
    ["welcome", "done", "error"],
    ["respect", "done"],
    ["respect", "done", "error"],
  ],
});
