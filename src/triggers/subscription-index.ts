// The subscriptions to one event type, so that an event meets those that it may start and not all of them: by match key, and by what their filters
// need. Made for a batch of events; whom it leaves out does not match.
import type { Json, JsonObject } from "../lib/json.ts";
import { triggerTypes } from "./index.ts";
import { everyNeed, keysOf, type Need, needsOf } from "./needs.ts";
import type { Subscription } from "./trigger.ts";

type FieldIndex = { byKey: Map<string, number[]>; pieces: boolean; folded: boolean };

/** To look up costs about as much as judging so many subscriptions to an event; below, all are asked. */
const WORTH_IT = 8;
/** To make the index costs about as much as asking everybody so many times. */
const ASKED_BEFORE = 2;

const push = <K>(map: Map<K, number[]>, key: K, position: number): void => {
  const known = map.get(key);
  if (known) known.push(position);
  else map.set(key, [position]);
};

export class SubscriptionIndex {
  /** Higher priority first, as they were read. Positions below are places in this list. */
  readonly all: readonly Subscription[];
  readonly #keyed = new Map<string, number[]>();
  /** Without a match key: every event of the type asks for them. */
  readonly #unkeyed: number[] = [];
  #asked = 0;
  #fields: Map<string, FieldIndex> | undefined;
  /** Of `#unkeyed`, those of whom no need is known. */
  #always: number[] = [];

  constructor(all: readonly Subscription[]) {
    this.all = all;
    for (const [position, { matchKey }] of all.entries())
      if (matchKey === null) this.#unkeyed.push(position);
      else push(this.#keyed, matchKey, position);
  }

  /** Whom an event with these match keys may start, in order. */
  candidates(
    keys: Iterable<string>,
    fieldOf: (field: string, variables?: JsonObject) => Json | undefined,
  ): readonly number[] {
    const found = this.#found(keys);
    const unkeyed =
      this.#unkeyed.length <= WORTH_IT || this.#asked++ < ASKED_BEFORE ? this.#unkeyed : this.#needed(fieldOf);
    return found.length === 0 && unkeyed === this.#unkeyed ? unkeyed : [...found, ...unkeyed].sort((a, b) => a - b);
  }

  /** All that an event with these match keys has asked, in order; nobody looks further than they need. */
  *asked(keys: Iterable<string>): Generator<number> {
    const found = this.#found(keys);
    let next = 0;
    for (const position of this.#unkeyed) {
      while (found[next]! < position) yield found[next++]!;
      yield position;
    }
    yield* found.slice(next);
  }

  #found(keys: Iterable<string>): number[] {
    if (this.#keyed.size === 0) return [];
    return [...new Set(keys)].flatMap((key) => this.#keyed.get(key) ?? []).sort((a, b) => a - b);
  }

  #needed(fieldOf: (field: string) => Json | undefined): number[] {
    this.#fields ??= this.#index();
    const needed = new Set(this.#always);
    for (const [field, { byKey, ...wanted }] of this.#fields) {
      for (const key of keysOf(fieldOf(field), wanted) ?? byKey.keys())
        for (const position of byKey.get(key) ?? []) needed.add(position);
    }
    return [...needed];
  }

  #index(): Map<string, FieldIndex> {
    const counts = new Map<string, number>();
    const nameOf = ({ field, key }: Need) => `${field}\u0000${key}`;
    const filtersOf = (position: number) => {
      const { filters, triggerType } = this.all[position]!;
      // Who picks among all that were found has to see all of them.
      return triggerTypes.get(triggerType)?.pick ? null : filters;
    };
    for (const position of this.#unkeyed) {
      const filters = filtersOf(position);
      if (filters === null) continue;
      for (const name of new Set(everyNeed(filters).map(nameOf))) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const fields = new Map<string, FieldIndex>();
    for (const position of this.#unkeyed) {
      const filters = filtersOf(position);
      const needs = filters && needsOf(filters, (need) => counts.get(nameOf(need))!);
      if (!needs) {
        this.#always.push(position);
        continue;
      }
      for (const { field, key } of needs) {
        const index = fields.get(field) ?? { byKey: new Map(), pieces: false, folded: false };
        fields.set(field, index);
        push(index.byKey, key, position);
        index.pieces ||= key.startsWith("~");
        index.folded ||= key.startsWith("^");
      }
    }
    return fields;
  }
}
