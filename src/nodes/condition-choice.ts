import type { JsonObject } from "../lib/json.ts";
import { type Choices, choicePorts, choicesField } from "./choice-fields.ts";
import { pathOrTemplate } from "./config.ts";
import { matchChoice } from "./match-choice.ts";
import { defineNode } from "./node.ts";

const DEFAULT_PORT = "default";

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;

/** Output `{choice, title, port}`; `choice` is the id, null when nothing matches. */
export const conditionChoice = defineNode({
  type: "condition_choice",
  kind: "condition",
  title: "Choice",
  description:
    "Finds which of the choices a message means: by what was tapped, by title in any case, by number, or by id. It goes on by the choice's " +
    "`port`, else by `default`. Without `text` and `tapped` it reads the message that started the run.",
  fields: { choices: choicesField, text: pathOrTemplate, tapped: pathOrTemplate },
  ports: (config) => ({ inputs: ["input"], outputs: [...new Set([...choicePorts(config), DEFAULT_PORT])] }),
  enter: ({ config, lookup, run }) => {
    const isNamed = config.text !== null || config.tapped !== null;
    const text = textOf(isNamed ? config.text : lookup(["event", "data", "content"])) ?? "";
    const tapped = textOf(isNamed ? config.tapped : lookup(["event", "data", "choice", "id"]));
    const hit = matchChoice(config.choices as Choices, { text, tapped }, run.readsAnyDigits);
    const port = hit?.port ?? DEFAULT_PORT;
    return {
      kind: "next",
      port,
      output: { choice: hit?.id ?? null, title: hit?.title ?? null, port } satisfies JsonObject,
    };
  },
});
