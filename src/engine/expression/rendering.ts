// One rendering of a template: where Liquid's reads of variables meet our lookup. Owns the names that the template assigns, and the budget.
// (Liquid's Context reads performance.now() for a time limit that is infinite here: no answer depends on it.)
import { Context } from "liquidjs";
import type { Json } from "../../lib/json.ts";
import { isForbiddenKey, pathOf } from "../../lib/json.ts";
import { liquid, MAX_WORK, textOfValue } from "./liquid.ts";
import { htmlOf, plainOf } from "./markup.ts";
import type { HoldsSecret } from "./secret-text.ts";
import { readingCost, Work } from "./work.ts";

/** How a path (`["nodes", "a", "output"]`) becomes a value; undefined when there is none. The state implements it lazily. */
export type Lookup = (path: readonly string[]) => Json | undefined;

/** Liquid's own words at the end of a path, which no data need hold: `items.size`, `items.first.name`, `items[-1]`. */
const LIQUID_WORD = /^(?:size|first|last|-\d+)$/;

const isSegment = (segment: unknown): segment is string | number =>
  typeof segment === "string" ? !isForbiddenKey(segment) : Number.isInteger(segment);

type Options = { keepsType?: boolean; work?: Work; countsReads?: boolean; holdsSecret?: HoldsSecret; isHtml?: boolean };

export class Rendering extends Context {
  /** Epoch ms; the date filters' "now". */
  readonly now: number;
  /** Absent: no text is one. */
  readonly holdsSecret: HoldsSecret | undefined;
  /** What it makes is HTML. */
  readonly isHtml: boolean;
  readonly #lookup: Lookup;
  readonly #keepsType: boolean;
  readonly #work: Work;
  /** Whether reading counts as work as well. */
  readonly #countsReads: boolean;

  constructor(lookup: Lookup, now: number, options: Options = {}) {
    const work = options.work ?? new Work(MAX_WORK);
    super({}, liquid.options, { sync: true }, { liquid, memoryLimit: work as unknown as Context["memoryLimit"] });
    this.#work = work;
    this.#countsReads = options.countsReads ?? false;
    this.#lookup = lookup;
    this.now = now;
    this.holdsSecret = options.holdsSecret;
    this.isHtml = options.isHtml ?? false;
    this.#keepsType = options.keepsType ?? false;
  }

  /** What an output writes: text, or the value itself where the whole template is one expression. */
  write(value: unknown): unknown {
    if (this.#keepsType) return value;
    const plain = textOfValue(plainOf(value));
    const text = this.isHtml ? htmlOf(value, plain) : plain;
    this.memoryLimit.use(text.length);
    return text;
  }

  /** A variable with its path, dynamic segments already evaluated. Asks for exactly this path, never for what surrounds it. */
  override *_get(path: unknown[]): IterableIterator<unknown> {
    if (!path.every(isSegment)) return undefined;
    const [root] = path;
    if (Object.hasOwn(this.bottom(), root!)) return yield this._getFromScope(this.bottom(), path);
    const names = path.map(String);
    const value = this.#lookup(names);
    if (this.#countsReads) this.#work.use(readingCost(value));
    if (value !== undefined) return value;
    for (let end = names.length - 1; end > 0; end--) {
      if (!LIQUID_WORD.test(names[end]!)) continue;
      const base = this.#lookup(names.slice(0, end));
      if (base !== undefined) return yield this._getFromScope(base, path.slice(end));
    }
    return undefined;
  }

  override readProperty(value: object, key: string | number): unknown {
    return isForbiddenKey(String(key)) ? undefined : super.readProperty(value, key);
  }

  /** The filters that look into the elements of a list read each as a scope of its own. */
  override spawn(element: Json = {}): Context {
    return new Rendering((path) => pathOf(element, path), this.now, {
      work: this.#work,
      countsReads: this.#countsReads,
      ...(this.holdsSecret && { holdsSecret: this.holdsSecret }),
      isHtml: this.isHtml,
    });
  }
}
