// Who owns what a person says next: the runs that have asked them something, the last one first, and what they said that no owner has judged yet.
// Owns the keys `owners`, `said:<n>` and `turn` of a `Contact` object. Synchronous, so that a change commits with the caller's other writes.
// Invariants: an owner takes what was said after it asked, and nothing that was said before; what was said is judged in its order, one at a time;
// it stays here until its event, with the verdict, is in the outbox.
import type { StreamEvent } from "../domain/event.ts";

/**
 * PERSISTED CONTRACT. `turn`: when it asked last; `from`: since when it takes what is said, in turns; `until`: epoch ms, after which it waits no
 * more.
 */
export type Owner = { executionId: string; turn: number; from: number; until: number };

/** PERSISTED CONTRACT. `asked`: an owner may have been asked before; it then knows. */
export type Said = { event: StreamEvent; dedupeKey: string; turn: number; asked: boolean };

/** Beyond it the one that asked longest ago is forgotten: so many dialogues at once lead nowhere. */
const MAX_OWNERS = 20;

/** What is held back of one person at once. */
const MAX_SAID = 200;

export class Replies {
  readonly #kv: SyncKvStorage;
  #owners: Owner[];
  readonly #said: Said[];
  #turn: number;

  constructor(kv: SyncKvStorage) {
    this.#kv = kv;
    this.#owners = kv.get<Owner[]>("owners") ?? [];
    this.#turn = kv.get<number>("turn") ?? 0;
    this.#said = [...kv.list<Said>({ prefix: "said:" })]
      .map(([, said]) => ({ ...said, asked: true }))
      .sort((a, b) => a.turn - b.turn);
  }

  /**
   * Whether what is said now has to be judged, or to wait behind what is. Who says more than anybody does while a question is on its way is not
   * waited for.
   */
  isAwaited(now: number): boolean {
    if (this.#said.length >= MAX_SAID) return false;
    return this.#said.length > 0 || this.#owners.some(({ until }) => until > now);
  }

  /** From now on the run owns the next reply; one that still does goes on to. */
  claim(executionId: string, until: number): void {
    const turn = this.#next();
    const from = this.#owners.find((one) => one.executionId === executionId)?.from ?? turn;
    const others = this.#owners.filter((one) => one.executionId !== executionId);
    this.#keep([...others, { executionId, turn, from, until }].slice(-MAX_OWNERS));
  }

  /** Nobody owns anything any more. */
  clear(): Owner[] {
    const owners = this.#owners;
    if (owners.length > 0) this.#keep([]);
    return owners;
  }

  hold(event: StreamEvent, dedupeKey: string): void {
    const said = { event, dedupeKey, turn: this.#next(), asked: false };
    this.#kv.put(keyOf(said), said);
    this.#said.push(said);
  }

  first(): Said | undefined {
    return this.#said[0];
  }

  find(dedupeKey: string): Said | undefined {
    return this.#said.find((one) => one.dedupeKey === dedupeKey);
  }

  /** Who may own it, whoever asked last first. */
  ownersOf({ turn, event }: Said): Owner[] {
    return this.#owners
      .filter(({ from, until }) => from < turn && until > event.occurredAt)
      .sort((a, b) => b.turn - a.turn);
  }

  /**
   * The first of what was said is judged. `spent`: owners, as they were when they were asked, that wait no more for what was said; who has asked anew
   * meanwhile owns what comes after that.
   */
  settle(spent: readonly Owner[], now: number): void {
    const said = this.#said.shift();
    if (said) this.#kv.delete(keyOf(said));
    const owners = this.#owners.flatMap((owner) => {
      const was = spent.find(({ executionId }) => executionId === owner.executionId);
      if (was) return was.turn === owner.turn ? [] : [{ ...owner, from: owner.turn }];
      return owner.until > now ? [owner] : [];
    });
    if (spent.length > 0 || owners.length < this.#owners.length) this.#keep(owners);
  }

  #next(): number {
    this.#kv.put("turn", ++this.#turn);
    return this.#turn;
  }

  #keep(owners: Owner[]): void {
    this.#owners = owners;
    if (owners.length > 0) this.#kv.put("owners", owners);
    else this.#kv.delete("owners");
  }
}

const keyOf = ({ turn }: Said): string => `said:${turn}`;
