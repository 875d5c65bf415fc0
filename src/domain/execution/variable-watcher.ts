// What a run's variables were after each of its steps, of which one commit may hold hundreds. Looks on while a run is simulated.
import type { Draft } from "../../engine/draft.ts";
import type { VisitRecord } from "../../engine/state.ts";
import { isForbiddenKey, type Json, type JsonObject } from "../../lib/json.ts";

/** Steps of which they are kept, and JSON text of all of them in characters. */
const MAX_STEPS = 1_000;
const MAX_CHARS = 2_000_000;

type Variables = { keys(): Iterable<string>; get(name: string): Json | undefined };

const copyOf = (variables: Variables): JsonObject => {
  const copy: JsonObject = {};
  for (const name of variables.keys()) if (!isForbiddenKey(name)) copy[name] = variables.get(name)!;
  return copy;
};

export class VariableWatcher {
  /** By the visit's number. */
  readonly after = new Map<number, JsonObject>();
  /** Visits that have begun and whose end was not seen. */
  readonly #open = new Set<number>();
  #chars = 0;

  entering(draft: Draft): void {
    this.look(draft.visits, draft.variables);
    this.#open.add(draft.run.nextVisit);
  }

  look(visits: { get(n: number): VisitRecord | undefined }, variables: Variables): void {
    const ended = [...this.#open].filter((n) => visits.get(n)?.completedAt != null);
    if (ended.length === 0) return;
    const copy = copyOf(variables);
    for (const n of ended) {
      this.#open.delete(n);
      if (this.after.size >= MAX_STEPS || this.#chars > MAX_CHARS) continue;
      this.#chars += JSON.stringify(copy).length;
      this.after.set(n, copy);
    }
  }
}
