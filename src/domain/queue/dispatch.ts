// Who may work now: the slots of an organisation and of each of its limited workflows, and the runs that wait for one. Pure: a state machine over
// what its methods are told, with the time in their arguments; the Dispatcher object keeps what `changes` names.
// Invariants: a run has one slot at the most. Those that are let in by `next` never make more than a limit; `take` may, and then nothing is let in
// until there are fewer again. Among those that wait for the same room, the smaller rank goes first (line.ts): so nothing starves, and
// equals go in the order of asking. Asking twice changes nothing, and giving back what one has not is no error.
import { type QueueLimits, type RunLimits, roomFor } from "./limits.ts";
import { isBefore, Line, type LineRecord, type Turn } from "./line.ts";

export type Asked = Pick<Turn, "id" | "workflowId" | "kind" | "priority"> & {
  limits: RunLimits;
  /** Somebody can be told that there is no room: then none is made beyond the organisation's limit. */
  refusable?: boolean;
  /** How long it is thought to work, in ms: counts where nothing was measured. */
  expectedMs?: number;
};

/** `position`: 1 goes next. `waitMs`: how long that takes, going by what was measured or expected; null when nothing was. */
export type Place =
  | { state: "granted" }
  | { state: "queued"; position: number; waitMs: number | null }
  | { state: "full"; waitMs: number | null };

/** What the shell has to write: null where a row has gone. */
export type Changes = { turns: Map<string, Turn | null>; lines: Map<string, LineRecord> };

export type LineStatus = {
  workflowId: string;
  slots: number | null;
  busy: number;
  waiting: number;
  perMinute: number;
  meanHeldMs: number | null;
  /** Epoch ms. */
  lastActivityAt: number;
};

export class Dispatch {
  limits: QueueLimits;
  readonly #turns = new Map<string, Turn>();
  readonly #lines = new Map<string, Line>();
  #held = 0;
  #waiting = 0;
  #unconfirmed = 0;
  #n = 0;
  #changed: Changes = { turns: new Map(), lines: new Map() };

  constructor(limits: QueueLimits, turns: Iterable<Turn> = [], lines: Iterable<LineRecord> = []) {
    this.limits = limits;
    for (const record of lines) this.#lines.set(record.workflowId, new Line(record));
    for (const turn of turns) {
      this.#n = Math.max(this.#n, turn.n);
      this.#put(turn);
    }
    this.changes();
  }

  get waiting(): number {
    return this.#waiting;
  }

  get held(): number {
    return this.#held;
  }

  /** What has changed since this was asked last. */
  changes(): Changes {
    const changed = this.#changed;
    this.#changed = { turns: new Map(), lines: new Map() };
    return changed;
  }

  /** A slot now, or a place in the line. */
  ask({ limits, refusable = false, expectedMs, ...asked }: Asked, now: number): Place {
    const known = this.#turns.get(asked.id);
    if (known?.state === "held") {
      if (!known.confirmed) this.#change({ ...known, confirmed: true, seenAt: now });
      return { state: "granted" };
    }
    if (known) return this.placeOf(known.id, now)!;
    this.#learn(asked, limits, now);
    if (expectedMs !== undefined) this.#expect(asked.workflowId, expectedMs);
    const turn: Turn = {
      ...asked,
      askedAt: now,
      n: ++this.#n,
      state: "waiting",
      since: now,
      confirmed: false,
      seenAt: now,
    };
    this.#put(turn);
    if (this.#first() === turn) this.#change({ ...turn, state: "held", confirmed: true });
    else if (asked.kind === "start" && this.#waiting > roomFor(this.limits, refusable)) {
      this.leave(turn.id, now);
      return { state: "full", waitMs: this.#waitOf(this.#lines.get(turn.workflowId)!, this.#waiting, now) };
    }
    return this.placeOf(turn.id, now)!;
  }

  /** A slot for a run that goes on whether or not there is one. */
  take({ limits, ...asked }: Omit<Asked, "expectedMs">, now: number): void {
    const known = this.#turns.get(asked.id);
    if (known?.state === "held") return;
    this.#learn({ ...asked, kind: "wake" }, limits, now);
    const begun = known ?? { ...asked, askedAt: now, n: ++this.#n };
    this.#change({ ...begun, state: "held", since: now, confirmed: true, seenAt: now });
  }

  /** It works no more, or wants to no more. False when nothing was known of it. */
  leave(id: string, now: number): boolean {
    const turn = this.#turns.get(id);
    if (!turn) return false;
    this.#take(turn);
    this.#changed.turns.set(id, null);
    if (turn.state === "held") {
      const line = this.#lineOf(turn.workflowId, now);
      line.measure(Math.max(0, now - turn.since), now);
      this.#changed.lines.set(turn.workflowId, line.record);
    }
    return true;
  }

  /** Lets in whoever may work now, those that go first before the others. They are to be told, and to `confirm`. */
  next(now: number, most = Number.POSITIVE_INFINITY): Turn[] {
    const granted: Turn[] = [];
    while (granted.length < most) {
      const first = this.#first();
      if (!first) break;
      const held: Turn = { ...first, state: "held", since: now, confirmed: false, seenAt: now };
      this.#change(held);
      granted.push(held);
    }
    return granted;
  }

  /** The run has said that the slot is its own. */
  confirm(id: string, now: number): void {
    const turn = this.#turns.get(id);
    if (turn?.state === "held") this.#change({ ...turn, confirmed: true, seenAt: now });
  }

  /** Those with a slot that were not heard of for longer than `patienceMs` says, the longest silent first. */
  silent(now: number, patienceMs: (turn: Turn) => number, most: number): Turn[] {
    return [...this.#turns.values()]
      .filter((turn) => turn.state === "held" && now - turn.seenAt >= patienceMs(turn))
      .sort((a, b) => a.seenAt - b.seenAt)
      .slice(0, most);
  }

  /** Whether anybody has a slot and has not said so. */
  get anyUnconfirmed(): boolean {
    return this.#unconfirmed > 0;
  }

  /** Undefined for what is not here. */
  placeOf(id: string, now: number): Place | undefined {
    const turn = this.#turns.get(id);
    if (!turn) return undefined;
    if (turn.state === "held") return { state: "granted" };
    const ahead = this.#ahead(turn);
    const line = this.#lines.get(turn.workflowId)!;
    return { state: "queued", position: ahead + 1, waitMs: this.#waitOf(line, ahead + 1, now) };
  }

  /** New limits of workflows (null: none), as they are now. */
  limitLines(maxima: ReadonlyMap<string, number | null>, now: number): void {
    for (const [workflowId, max] of maxima) {
      const line = this.#lines.get(workflowId);
      if (!line || line.record.max === max) continue;
      line.record = { ...line.record, max, changedAt: now };
      this.#changed.lines.set(workflowId, line.record);
    }
  }

  /** Lines that nobody stands in and nothing happened in since. */
  forgetIdle(before: number): string[] {
    const idle = [...this.#lines.values()]
      .filter((line) => line.waiting + line.held === 0 && line.record.changedAt < before)
      .map((line) => line.record.workflowId);
    for (const id of idle) this.#lines.delete(id);
    return idle;
  }

  lines(now: number): LineStatus[] {
    return [...this.#lines.values()].map((line) => ({
      workflowId: line.record.workflowId,
      slots: line.record.max,
      busy: line.held,
      waiting: line.waiting,
      perMinute: line.perMinute(now),
      meanHeldMs: line.record.meanHeldMs,
      lastActivityAt: line.lastActivityAt,
    }));
  }

  /** How long somebody who asked now would wait, in ms, where anything is known of that: the longest of the lines that are full. */
  waitMs(now: number): number | null {
    const waits = [...this.#lines.values()]
      .filter((line) => line.waiting > 0 || !line.hasRoom || !this.#hasRoom)
      .map((line) => this.#waitOf(line, (this.limits.maxConcurrency === null ? line.waiting : this.#waiting) + 1, now));
    if (waits.length === 0) return 0;
    const known = waits.filter((wait) => wait !== null);
    return known.length > 0 ? Math.max(...known) : null;
  }

  /** Who may work now and goes before all others that may. */
  #first(): Turn | undefined {
    if (!this.#hasRoom) return undefined;
    let first: Turn | undefined;
    for (const line of this.#lines.values()) {
      const turn = line.hasRoom ? line.first : undefined;
      if (turn && (!first || isBefore(turn, first))) first = turn;
    }
    return first;
  }

  get #hasRoom(): boolean {
    const { maxConcurrency } = this.limits;
    return maxConcurrency === null || this.#held < maxConcurrency;
  }

  /** How many of those that wait go before the turn and want the same room: all, where the organisation has a limit. */
  #ahead(turn: Turn): number {
    if (this.limits.maxConcurrency === null) return this.#lines.get(turn.workflowId)?.ahead(turn) ?? 0;
    let ahead = 0;
    for (const line of this.#lines.values()) ahead += line.ahead(turn);
    return ahead;
  }

  #waitOf(line: Line, position: number, now: number): number | null {
    const { max } = line.record;
    const slots = Math.min(max ?? Number.POSITIVE_INFINITY, this.limits.maxConcurrency ?? Number.POSITIVE_INFINITY);
    if (slots === Number.POSITIVE_INFINITY) return 0;
    const heldMs = line.heldMs(now);
    return heldMs === null ? null : Math.ceil((position / slots) * heldMs);
  }

  #expect(workflowId: string, expectedMs: number): void {
    const line = this.#lines.get(workflowId)!;
    if (line.record.meanHeldMs !== null || line.record.expectedMs === expectedMs) return;
    line.record = { ...line.record, expectedMs };
    this.#changed.lines.set(workflowId, line.record);
  }

  #lineOf(workflowId: string, now: number): Line {
    const known = this.#lines.get(workflowId);
    if (known) return known;
    const line = new Line({ workflowId, max: null, meanHeldMs: null, recent: [], changedAt: now });
    this.#lines.set(workflowId, line);
    return line;
  }

  /** Who starts brings the limits as they are now; who goes on, as they were when it started. */
  #learn(
    { workflowId, kind }: Pick<Turn, "workflowId" | "kind">,
    { workflow, organization, maxQueued }: RunLimits,
    now: number,
  ): void {
    if (kind === "start") this.limits = { maxConcurrency: organization, maxQueued };
    if (kind === "wake" && this.#lines.has(workflowId)) return;
    this.#lineOf(workflowId, now);
    this.limitLines(new Map([[workflowId, workflow]]), now);
  }

  #change(turn: Turn): void {
    const before = this.#turns.get(turn.id);
    if (before) this.#take(before);
    this.#put(turn);
  }

  #put(turn: Turn): void {
    const line = this.#lineOf(turn.workflowId, turn.askedAt);
    this.#turns.set(turn.id, turn);
    this.#changed.turns.set(turn.id, turn);
    if (turn.state === "held") {
      line.hold(turn);
      this.#held++;
      if (!turn.confirmed) this.#unconfirmed++;
    } else {
      line.add(turn);
      this.#waiting++;
    }
  }

  #take(turn: Turn): void {
    const line = this.#lines.get(turn.workflowId)!;
    this.#turns.delete(turn.id);
    if (turn.state === "held") {
      line.giveBack(turn);
      this.#held--;
      if (!turn.confirmed) this.#unconfirmed--;
    } else {
      line.remove(turn);
      this.#waiting--;
    }
  }
}
