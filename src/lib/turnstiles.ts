// Turnstiles by name: one for each organisation that is at it just now.
import { Turnstile } from "./turnstile.ts";

export class Turnstiles {
  readonly #turnstiles = new Map<string, Turnstile>();
  readonly #make: () => Turnstile;

  constructor(make: () => Turnstile = () => new Turnstile()) {
    this.#make = make;
  }

  /** Which turnstiles there are. */
  get keys(): string[] {
    return [...this.#turnstiles.keys()];
  }

  async pass<T>(key: string, ...given: Parameters<typeof Turnstile.prototype.pass<T>>): Promise<T | undefined> {
    const turnstile = this.#turnstiles.get(key) ?? this.#make();
    this.#turnstiles.set(key, turnstile);
    try {
      return await turnstile.pass(...given);
    } finally {
      if (turnstile.isIdle) this.#turnstiles.delete(key);
    }
  }
}
