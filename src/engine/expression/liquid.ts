// The dialect of templates: which of Liquid's tags and filters exist, and what a run of one may use. Parsing and rendering are in template.ts.
// Tags that loop or load are left out, so that the cost of a template is bounded by its length; filters that are random, read a clock
// or parse an expression from a value are left out too. Expressions with ranges are refused in references.ts.
import type { FilterImplOptions, LiquidOptions } from "liquidjs";
import { defaultOperators, Liquid, filters as liquidFilters, toValue } from "liquidjs";
import { dateFilters } from "./date-filters.ts";
import { HtmlCapture, inHtml, plainOf } from "./markup.ts";
import { filterSecret, type HoldsSecret } from "./secret-text.ts";

const TAGS = new Set(["#", "assign", "capture", "case", "comment", "echo", "if", "raw", "unless"]);

const FILTERS = `
  abs append array_to_sentence_string at_least at_most base64_decode base64_encode capitalize ceil cgi_escape compact concat default
  divided_by downcase escape escape_once first floor inspect join json jsonify last lstrip map minus modulo newline_to_br
  normalize_whitespace number_of_words plus pop prepend push remove remove_first remove_last replace replace_first replace_last
  reverse round rstrip shift size slice slugify sort sort_natural split squish strip strip_html strip_newlines sum times to_integer
  truncate truncatewords uniq unshift upcase uri_escape url_decode url_encode xml_escape
`
  .trim()
  .split(/\s+/);

/** These read a property of each element, and would evaluate brackets in its name. */
const PROPERTY_FILTERS = ["find", "find_index", "group_by", "has", "reject", "where"];

/** Characters and elements that one rendering may touch in filters, comparisons and captures; some 0.1 s of summing or comparing. */
export const MAX_WORK = 2_000_000;

type Filter = Extract<FilterImplOptions, (...args: never[]) => unknown>;

const sizeOf = (value: unknown): number => (typeof value === "string" || Array.isArray(value) ? value.length : 0);

/** Liquid charges most of its filters, not all; this one charges each for what it reads. */
const charged = (filter: Filter): Filter =>
  function (value, ...args) {
    this.context.memoryLimit.use(sizeOf(value));
    return filter.call(this, value, ...args);
  };

/** A secret's value is not here: what is to be made of it is made where it is (secret-text.ts). */
const secretly = (name: string, filter: Filter): Filter =>
  function (value, ...args) {
    const { holdsSecret: holds } = this.context as { holdsSecret?: HoldsSecret };
    const apply = () => filter.call(this, value, ...args);
    if (!holds) return apply();
    return filterSecret(name, value, args, { holds, apply, charge: (units) => this.context.memoryLimit.use(units) });
  };

const withPlainProperty = (filter: Filter): Filter =>
  function (list, property, ...args) {
    if (typeof property === "string" && /[[(]/.test(property)) throw new Error("a property is a dotted path");
    return filter.call(this, list, property, ...args);
  };

/** What a value is as text: nothing for null, JSON for lists and objects. */
export const textOfValue = (raw: unknown): string => {
  const value = toValue(raw);
  if (value === null || value === undefined || (typeof value === "number" && !Number.isFinite(value))) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
};

const comparing = (name: "==" | "!=" | "contains"): LiquidOptions["operators"] => ({
  [name]: (left, right, context) => {
    context.memoryLimit.use(sizeOf(left));
    return defaultOperators[name]!(plainOf(left), plainOf(right), context);
  },
});

const makeLiquid = (): Liquid => {
  const made = new Liquid({
    locale: "en-US",
    ownPropertyOnly: true,
    strictFilters: true,
    memoryLimit: MAX_WORK,
    operators: { ...defaultOperators, ...comparing("=="), ...comparing("!="), ...comparing("contains") },
    // Liquid calls this for each value that becomes text, inside `capture` as well; see rendering.ts.
    outputEscape(this: { context: { write?: (value: unknown) => unknown } } | undefined, value: unknown) {
      return (this?.context.write ? this.context.write(value) : textOfValue(value)) as string;
    },
  });
  for (const name of Object.keys(made.tags)) if (!TAGS.has(name)) delete made.tags[name];
  for (const name of Object.keys(made.filters)) made.unregisterFilter(name);
  made.registerTag("capture", HtmlCapture);
  const register = (name: string, filter: Filter) => made.registerFilter(name, inHtml(name, secretly(name, filter)));
  const known = liquidFilters as Record<string, Filter>;
  for (const name of FILTERS) register(name, charged(known[name]!));
  for (const name of PROPERTY_FILTERS) register(name, charged(withPlainProperty(known[name]!)));
  for (const [name, filter] of Object.entries(dateFilters)) register(name, filter);
  // Liquid's own would switch off `outputEscape`.
  register("raw", (value) => value);
  return made;
};

export const liquid = makeLiquid();
