// Templates whose text is HTML: what comes from outside is put in as text. The author's own HTML is in the template, and in what `capture` takes of
// it; what is HTML already says so with `raw`.
import { CaptureTag, type Context, type FilterImplOptions } from "liquidjs";

type Filter = Extract<FilterImplOptions, (...args: never[]) => unknown>;

/** A value whose text is HTML. */
class Markup {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);

/** `text` is that of the value. */
export const htmlOf = (value: unknown, text: string): string => (value instanceof Markup ? text : escaped(text));

export const plainOf = (value: unknown): unknown => (value instanceof Markup ? value.value : value);

/** Filters whose result is HTML, whatever they are given. */
const ESCAPING = new Set(["escape", "escape_once", "xml_escape"]);

/** In a template that is HTML, a filter that knows what it makes; every other makes a text. */
export const inHtml = (name: string, filter: Filter): Filter =>
  function (value, ...args) {
    if (!(this.context as Context & { isHtml?: boolean }).isHtml) return filter.call(this, value, ...args);
    const make = (given: unknown) => filter.call(this, given, ...args.map(plainOf));
    const [isMarkup, plain] = [value instanceof Markup, plainOf(value)];
    if (name === "newline_to_br") return new Markup(make(isMarkup ? plain : escaped(String(plain ?? ""))));
    if (name === "raw" || ESCAPING.has(name)) return isMarkup ? value : new Markup(make(plain));
    const made = make(plain);
    return isMarkup && made === plain ? value : made;
  };

/** What it takes is of the template: its outputs were escaped when they were written. */
export class HtmlCapture extends CaptureTag {
  override *render(context: Context & { isHtml?: boolean }): Generator<unknown, void, string> {
    yield* super.render(context);
    if (context.isHtml) {
      const names = context.bottom() as Record<string, unknown>;
      names[this.variable] = new Markup(String(names[this.variable]));
    }
  }
}
