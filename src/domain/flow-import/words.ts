// Text with variables in it, between the source's way to write them and the flow's `@name`. What the source's own templates look like is the sources' business.
import { MAX_TEXT } from "../flow/limits.ts";
import type { Part } from "./report.ts";

/** A run of text, or a variable by the key that the source's importer knows it by. */
export type Piece = { text: string } | { key: string };

/** What a variable's value is known to be from: an answer of the person, a text set by the flow, or something that the flow cannot hold. */
export type Source = "answer" | "contact" | "unknowable" | { value: Piece[] };

const WORD_END = /[\p{L}\p{N}\p{M}_@]$/u;
const WORD_START = /^[\p{L}\p{N}\p{M}_]/u;
const NAME_LENGTH = 50;
/** Values in values in values, and pieces that one text may grow to: values that name each other twice would grow without end. */
const [DEEPEST, MOST_PIECES] = [20, 200];

const asName = (label: string): string => {
  const plain = label
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^[_\d]+|_+$/g, "")
    .slice(0, NAME_LENGTH);
  return plain || "value";
};

/** The variables of a source: their names in the flow, and which of them have one value that can stand in their place. */
export const startWords = () => {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  const sources = new Map<string, Source[]>();
  const saved = new Map<string, Map<string, string>>();
  const read = new Set<string>();

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
      if (--room.pieces < 0 || "text" in piece) return [piece];
      read.add(piece.key);
      const value = within.length < DEEPEST && !within.includes(piece.key) ? settled(piece.key) : undefined;
      return value ? expand(value, [...within, piece.key], room) : [piece];
    });

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
      words.assign(key, "contact");
    },

    assign(key: string, source: Source): void {
      const list = sources.get(key) ?? [];
      list.push(source);
      sources.set(key, list);
      known.delete(key);
    },

    isAssigned: (key: string): boolean => sources.has(key),

    /** `title` is saved as `as`, since the flow cannot hold the title: comparisons must expect that. */
    savesAs(key: string, title: string, as: string): void {
      saved.set(key, (saved.get(key) ?? new Map<string, string>()).set(title, as));
    },
    savedAs: (key: string, title: string): string => saved.get(key)?.get(title) ?? title,

    isSettled: (key: string): boolean => settled(key) !== undefined,
    isRead: (key: string): boolean => read.has(key),

    /** The pieces with each settled variable replaced by its value, neighbouring texts joined. */
    settle(pieces: readonly Piece[]): Piece[] {
      const joined: Piece[] = [];
      for (const piece of expand(pieces, [], { pieces: MOST_PIECES })) {
        const before = joined.at(-1);
        if ("text" in piece && before && "text" in before)
          joined[joined.length - 1] = { text: before.text + piece.text };
        else joined.push(piece);
      }
      return joined.filter((piece) => !("text" in piece) || piece.text !== "");
    },

    /** `@name` of a variable; tells `part` when nothing in the flow gives it a value. */
    mention(key: string, part: Part, field?: string): string {
      const name = words.name(key, key);
      const from = sources.get(key) ?? [];
      if (!from.length)
        part.note(
          "approximated",
          `nothing in the flow sets @${name}: the contact must have a field of that name`,
          field,
        );
      else if (!from.some((source) => source === "answer" || source === "contact"))
        part.note("unsupported", `what sets @${name} cannot be held by a flow, so it has no value here`, field);
      return `@${name}`;
    },

    /** The text as the flow writes it. A variable that touches a word gets a space, or `@name` would not end where it should. */
    write(pieces: readonly Piece[], part: Part, field?: string): string {
      let written = "";
      let afterVariable = false;
      for (const piece of words.settle(pieces)) {
        const next = "text" in piece ? piece.text : words.mention(piece.key, part, field);
        const touches = "text" in piece ? afterVariable && WORD_START.test(next) : WORD_END.test(written.slice(-2));
        if (touches) part.note("approximated", "a space stands between a variable and the word that touches it", field);
        written += touches ? ` ${next}` : next;
        afterVariable = "key" in piece;
        if (written.length > MAX_TEXT) break;
      }
      if (written.length <= MAX_TEXT) return written;
      part.note("approximated", `cut after ${MAX_TEXT} characters`, field);
      return written.slice(0, MAX_TEXT);
    },

    /** The text when no variable is left in it, e.g. for an address. */
    plain(pieces: readonly Piece[]): string | undefined {
      const settledPieces = words.settle(pieces);
      return settledPieces.every((piece) => "text" in piece)
        ? settledPieces.map((piece) => ("text" in piece ? piece.text : "")).join("")
        : undefined;
    },
  };
  return words;
};

export type Words = ReturnType<typeof startWords>;
