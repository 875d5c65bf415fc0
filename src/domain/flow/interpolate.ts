// `@name` in a flow's texts: a whole word, in one pass, from the conversation, then from the contact; a name that nobody knows stays as it is.
// Flows run on the one engine, so a text becomes a template of its language (docs/templates.md) that says just this.
import type { Condition, ConditionTree } from "../../engine/expression/condition.ts";

/** An @ that ends no word (so no e-mail address), and the word behind it. */
const MENTION = /(?<![\p{L}\p{N}\p{M}_@])@([\p{L}_][\p{L}\p{N}\p{M}_]*)/gu;

/** What an answer may be saved as: what templates of every API can read. */
const NAME = /^@?([A-Za-z_]\w{0,63})$/;

/** The name in `@name`, or undefined when it is none. */
export const variableOf = (written: string): string | undefined => NAME.exec(written.trim())?.[1];

/** Names that the text mentions, once each. */
export const mentionsIn = (text: string): string[] => [
  ...new Set([...text.matchAll(MENTION)].map(([, name]) => name!)),
];

/** Where a name may have its value, the first that has one wins. An answer that is saved to the contact is an attribute. */
const placesOf = (name: string): string[] => [
  `variables["${name}"]`,
  `contact.attributes["${name}"]`,
  `contact["${name}"]`,
];

const mention = (name: string): string => {
  const branches = placesOf(name).map(
    (place, index) => `{% ${index ? "elsif" : "if"} ${place} != nil %}{{ ${place} }}`,
  );
  return `${branches.join("")}{% else %}@${name}{% endif %}`;
};

/** Braces become outputs of a brace: none begins a tag. */
const braced = (text: string): string => text.replaceAll("{", '{{ "{" }}');

/** A text that mentions nobody, as a template. */
export const literalOf = (text: string): string => (/\{[{%]/.test(text) ? braced(text) : text);

/** The text as a template. Without mentions and without what the engine would take for a template, it is the text itself. */
export const templateOf = (text: string): string => {
  if (!/\{[{%]/.test(text) && mentionsIn(text).length === 0) return text;
  let template = "";
  let end = 0;
  for (const found of text.matchAll(MENTION)) {
    template += braced(text.slice(end, found.index)) + mention(found[1]!);
    end = found.index + found[0].length;
  }
  return template + braced(text.slice(end));
};

/** The comparison of what `@name` means, by the same order of places. */
export const conditionOn = (name: string, compare: Omit<Condition, "field">): ConditionTree => {
  const places = [`variables.${name}`, `contact.attributes.${name}`, `contact.${name}`];
  const [last, ...before] = places.toReversed();
  return before.reduce<ConditionTree>(
    (rest, field) => ({
      operator: "or",
      conditions: [
        {
          operator: "and",
          conditions: [
            { field, operator: "exists" },
            { field, ...compare },
          ],
        },
        { operator: "and", conditions: [{ field, operator: "not_exists" }, rest] },
      ],
    }),
    { field: last!, ...compare },
  );
};
