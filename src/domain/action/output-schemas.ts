// What templates find under `nodes.<id>.output` once a node of a type has run, as JSON Schema. Nodes whose output is their author's own say so.
import type { JsonObject } from "../../lib/json.ts";

const string = { type: "string" };
const nullableString = { type: ["string", "null"] };
const integer = { type: "integer" };
const boolean = { type: "boolean" };
const object = { type: "object" };
const anything = {};

const ofFields = (properties: JsonObject, required = Object.keys(properties)): JsonObject => ({
  type: "object",
  properties,
  required,
});

const MESSAGE = ofFields(
  {
    message_id: nullableString,
    provider_id: nullableString,
    channel: nullableString,
    to: nullableString,
    text: string,
    status: string,
  },
  ["message_id"],
);
const TAG = ofFields({ tag_name: string, changed: boolean });

export const OUTPUT_SCHEMAS: Readonly<Record<string, JsonObject>> = {
  condition_if: ofFields({ result: boolean }),
  condition_switch: ofFields({ value: anything, port: string }),
  condition_filter: ofFields({ items: { type: "array" }, count: integer }),
  condition_choice: ofFields({ choice: nullableString, title: nullableString, port: string }),
  action_chat_message: MESSAGE,
  action_send_media: MESSAGE,
  action_question: ofFields(
    {
      answer: anything,
      choice: nullableString,
      text: string,
      media: { type: "array" },
      fails: integer,
      failed_answers: integer,
      reason: string,
    },
    [],
  ),
  action_webhook: ofFields({ status: integer, headers: object, body: anything }),
  action_email: ofFields({ message_id: nullableString, provider_id: nullableString, to: string }),
  action_add_tag: TAG,
  action_remove_tag: TAG,
  action_update_contact: ofFields({ attributes: object, changed: boolean }),
  action_add_note: ofFields({ note_id: nullableString }),
  action_set_conversation_status: ofFields({ conversation_id: nullableString, status: string, changed: boolean }),
  action_code: ofFields({ result: anything }),
  action_delay: ofFields({ waited_ms: integer }),
  action_wait_for_event: ofFields(
    { id: string, type: string, source: string, data: object, occurred_at: string, waited_ms: integer },
    [],
  ),
  action_subworkflow: ofFields({ execution_id: nullableString, status: string, output: anything }, [
    "execution_id",
    "status",
  ]),
  data_variable: ofFields({ name: string, value: anything }),
  data_transform: object,
  loop_foreach: ofFields({ count: integer, stopped_by: string }),
  loop_while: ofFields({ iterations: integer, stopped_by: string }),
  loop_break: anything,
  flow_parallel: ofFields({ branches: { type: "array", items: string } }),
  flow_merge: object,
  flow_end: anything,
};
