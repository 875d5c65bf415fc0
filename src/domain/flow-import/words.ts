// Text with variables in it, between the source's way to write them and the flow's: `@name` in texts, templates in steps. What the source's own
// templates look like is the sources' business.
import { literalOf } from "../flow/interpolate.ts";
import { MAX_TEXT } from "../flow/limits.ts";
import type { Value } from "./put-values.ts";
import type { Part } from "./report.ts";

/**
 * A run of text; a variable by the key that the source's importer knows it by; or what only a template says: an expression (`read`), or a text with
 * tags in it (`written`). `label` is what a person would call its value.
 */
export type Piece =
  | { text: string }
  | { key: string }
  | { read: string; label: string }
  | { written: string; label: string };

/** What a variable's value is from: an answer of the person, a step that sets it, a text that it always is, or something that no flow can hold. */
export type Source = "answer" | "set" | "contact" | "unknowable" | { value: Piece[] };

const WORD_END = /[\p{L}\p{N}\p{M}_@]$/u;
const WORD_START = /^[\p{L}\p{N}\p{M}_]/u;
const NAME_LENGTH = 50;
/** Values in values in values, and pieces that one text may grow to: values that name each other twice would grow without end. */
const [DEEPEST, MOST_PIECES] = [20, 200];
const LONGEST_TEMPLATE = 20_000;

const asName = (label: string): string => {
  const plain = label
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^[_\d]+|_+$/g, "")
    .slice(0, NAME_LENGTH);
  return plain || "value";
};

const isText = (piece: Piece): piece is { text: string } => "text" in piece;

/** The variables of a source: their names in the flow, and what each is from. */
export const startWords = () => {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  const sources = new Map<string, Source[]>();
  const paths = new Map<string, string>();
  const saved = new Map<string, Map<string, string>>();

  const known = new Map<string, Piece[] | undefined>();

  /** The one value of a variable that only texts are assigned to, all of them the same. */
  const settled = (key: string): Piece[] | undefined => {
    if (known.has(key)) return known.get(key);
    const [first, ...others] = sources.get(key) ?? [];
    const text = typeof first === "object" ? JSON.stringify(first.value) : "";
    const same = others.every((other) => typeof other === "object" && JSON.stringify(other.value) === text);
    const value = same && typeof first === "object" ? first.value : undefined;
    known.set(key, value);
    return value;
  };

  /** Values in values, as far as they end within `room`: beyond it a variable stays as it is. */
  const expand = (pieces: readonly Piece[], within: readonly string[], room: { pieces: number }): Piece[] =>
    pieces.flatMap((piece) => {
      if (--room.pieces < 0 || !("key" in piece)) return [piece];
      const value = within.length < DEEPEST && !within.includes(piece.key) ? settled(piece.key) : undefined;
      return value ? expand(value, [...within, piece.key], room) : [piece];
    });

  const isHeld = (key: string): boolean => (sources.get(key) ?? []).some((source) => source !== "unknowable");

  const words = {
    /** Gives the variable `key` the name in the flow that comes closest to `label`, and no other variable the same. */
    name(key: string, label: string): string {
      const known = names.get(key);
      if (known) return known;
      const base = asName(label);
      let name = base;
      // Goes on counting where the last one of the same name stopped: thousands of alike names are no thousand million tries.
      let count = counts.get(base.toLowerCase()) ?? 1;
      while (taken.has(name.toLowerCase())) name = `${base}_${++count}`;
      counts.set(base.toLowerCase(), count);
      taken.add(name.toLowerCase());
      names.set(key, name);
      return name;
    },

    /** The contact's own field `name`, which every conversation knows. */
    field(key: string, name: string): void {
      names.set(key, name);
      paths.set(key, `contact.${name}`);
      words.assign(key, "contact");
    },

    /** What a template finds at `path` of the run, and no variable holds. */
    found(key: string, path: string): void {
      paths.set(key, path);
    },

    assign(key: string, source: Source): void {
      const list = sources.get(key) ?? [];
      list.push(source);
      sources.set(key, list);
      known.delete(key);
    },

    /** Names of the variables that the source gives values, the contact's fields aside. */
    own: (): ReadonlySet<string> =>
      new Set([...sources].flatMap(([key, from]) => (from.includes("contact") ? [] : [words.name(key, key)]))),

    isAssigned: (key: string): boolean => sources.has(key) || paths.has(key),

    /** `title` is saved as `as`, since the flow cannot hold the title: comparisons must expect that. */
    savesAs(key: string, title: string, as: string): void {
      saved.set(key, (saved.get(key) ?? new Map<string, string>()).set(title, as));
    },
    savedAs: (key: string, title: string): string => saved.get(key)?.get(title) ?? title,

    /** Tells `part` when nothing in the flow gives the variable a value. */
    judge(key: string, part: Part, field?: string): void {
      if (paths.has(key)) return;
      const name = words.name(key, key);
      if (!sources.has(key))
        part.note(
          "approximated",
          `nothing in the flow sets @${name}: the contact must have a field of that name`,
          field,
        );
      else if (!isHeld(key))
        part.note("unsupported", `what sets @${name} cannot be held by a flow, so it has no value here`, field);
    },

    /** `@name` of a variable. */
    mention(key: string, part: Part, field?: string): string {
      words.judge(key, part, field);
      return `@${words.name(key, key)}`;
    },

    /** Where templates of steps find the variable. */
    path(key: string): string {
      const name = words.name(key, key);
      return paths.get(key) ?? (sources.has(key) ? `variables["${name}"]` : `contact.attributes["${name}"]`);
    },

    /** Whether texts can mention it by its name. */
    isMentioned: (key: string): boolean => !paths.has(key) || (sources.get(key) ?? []).includes("contact"),

    /**
     * The text as the flow writes it. A variable that touches a word gets a space, or `@name` would not end where it should. What only a template
     * says becomes a variable of its own, given back in `before`: a step before the node must set it.
     */
    write(pieces: readonly Piece[], part: Part, field?: string): { text: string; before: Value[] } {
      const before: Value[] = [];
      let text = "";
      let afterVariable = false;
      const compute = (piece: Exclude<Piece, { text: string }>): string => {
        const value = words.template([piece], part, field);
        const name = "key" in piece ? words.name(piece.key, piece.key) : words.name(`computed ${value}`, piece.label);
        if (!before.some((other) => other.name === name)) before.push({ name, value });
        return `@${name}`;
      };
      for (const piece of pieces) {
        const next = isText(piece)
          ? piece.text
          : "key" in piece && words.isMentioned(piece.key)
            ? words.mention(piece.key, part, field)
            : compute(piece);
        const touches = isText(piece) ? afterVariable && WORD_START.test(next) : WORD_END.test(text.slice(-2));
        if (touches) part.note("approximated", "a space stands between a variable and the word that touches it", field);
        text += touches ? ` ${next}` : next;
        afterVariable = !isText(piece);
        if (text.length > MAX_TEXT) break;
      }
      if (text.length <= MAX_TEXT) return { text, before };
      part.note("approximated", `cut after ${MAX_TEXT} characters`, field);
      return { text: text.slice(0, MAX_TEXT), before };
    },

    /**
     * The pieces as a template, each value put through Liquid's `filters`. A text alone stays one; one value alone keeps its type, and is empty
     * when missing.
     */
    template(pieces: readonly Piece[], part: Part, field?: string, filters: readonly string[] = []): string {
      let template = "";
      for (const piece of pieces) {
        if (isText(piece)) template += literalOf(piece.text);
        else if ("written" in piece)
          template += filters.length
            ? `{% capture written %}${piece.written}{% endcapture %}{{ ${["written", ...filters].join(" | ")} }}`
            : piece.written;
        else {
          if ("key" in piece) words.judge(piece.key, part, field);
          const read = "key" in piece ? words.path(piece.key) : piece.read;
          const whole = pieces.length === 1 && !filters.length ? ['default: "", allow_false: true'] : [];
          template += `{{ ${[read, ...filters, ...whole].join(" | ")} }}`;
        }
      }
      if (template.length <= LONGEST_TEMPLATE) return template;
      part.note("unsupported", `a value of more than ${LONGEST_TEMPLATE} characters is left out`, field);
      return "";
    },

    /** The text when nothing varies in it, e.g. for an address. */
    plain(pieces: readonly Piece[]): string | undefined {
      const expanded = expand(pieces, [], { pieces: MOST_PIECES });
      return expanded.every(isText) ? expanded.map((piece) => piece.text).join("") : undefined;
    },
  };
  return words;
};

export type Words = ReturnType<typeof startWords>;
