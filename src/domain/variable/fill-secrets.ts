// Values put in place of what stands for them, and the filters applied that had to wait for them. Pure.
import { type Postponed, replaceSecrets } from "../../engine/expression/secret-text.ts";
import { parseTemplate, renderTemplate } from "../../engine/expression/template.ts";
import type { Json } from "../../lib/json.ts";
import { mapTexts, secretNameOf } from "./secret-name.ts";

/** `made`: what filters made of values, which is as secret as they are. */
export type Filled<T> = { value: T; made: string[] };

/** What has no value here stays its name: it is a text. @throws Error where a filter fails on a value */
export const fillSecrets = <T extends Json>(value: T, values: ReadonlyMap<string, string>): Filled<T> => {
  const made: string[] = [];
  const fill = (text: string): string =>
    replaceSecrets(text, {
      name: (id) => values.get(id) ?? secretNameOf(id),
      later: ({ filter, value: inner, args }) => {
        const text = apply({ filter, value: mapTexts(inner, fill), args: mapTexts(args, fill) });
        made.push(text);
        return text;
      },
    });
  return { value: mapTexts(value, fill), made };
};

/** The template's own dialect, so that it makes the same of a secret as of any text. */
const apply = ({ filter, value, args }: Postponed): string => {
  const given: Record<string, Json> = { value, ...Object.fromEntries(args.map((arg, index) => [`arg${index}`, arg])) };
  const names = args.map((_, index) => `arg${index}`).join(", ");
  const template = parseTemplate(`{{ value | ${filter}${names && `: ${names}`} | append: "" }}`);
  if (!template.ok) throw new Error(template.error.message);
  const rendered = renderTemplate(template.value, ([name]) => given[name!], { now: 0 });
  if (!rendered.ok) throw new Error(`${filter}: ${rendered.error.message}`);
  return String(rendered.value ?? "");
};
