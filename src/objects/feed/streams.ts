// The open streams of one Feed. Memory only: a stream is a place in the log, and what it reads comes from there when its client takes it, so a slow
// one holds a piece at the most. One that takes nothing for long is cut, and may come again where it was.
import { commentText, eventText, placeOf, retryText } from "../../domain/feed/event-text.ts";
import type { Listener } from "../../domain/feed/listener.ts";
import type { Gap, LiveEvent } from "../../domain/feed/live-event.ts";
import { HOUR_MS } from "../../lib/durations.ts";
import type { FeedLog } from "./log.ts";

export const HEARTBEAT_MS = 15_000;
/** A client comes again so long after it was cut off, in ms. */
const RETRY_MS = 2_000;
/** So long a client may leave lying what there is for it, in ms. */
const STALL_MS = 30_000;
/** A stream ends after so long, in ms: its client comes again with credentials that are judged anew. */
const MAX_STREAM_MS = HOUR_MS;

type Stream = {
  listener: Listener;
  /** Number of the last event that was given to it. */
  at: number;
  /** What goes out before the events. */
  first: string;
  openedAt: number;
  /** Since when it has not asked for more, epoch ms; null while it waits for more. */
  busySince: number | null;
  wake: () => void;
  controller: ReadableStreamDefaultController<Uint8Array> | null;
};

const encoder = new TextEncoder();

export class Streams {
  readonly #log: FeedLog;
  readonly #workflowId: string;
  readonly #left: () => void;
  readonly #open = new Set<Stream>();

  /** `left`: after a client has gone. */
  constructor(log: FeedLog, workflowId: string, left: () => void) {
    this.#log = log;
    this.#workflowId = workflowId;
    this.#left = left;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Each once. */
  get listeners(): Listener[] {
    return [...new Map([...this.#open].map(({ listener }) => [JSON.stringify(listener), listener])).values()];
  }

  /** Behind `lastEventId`, or from now. */
  open(listener: Listener, lastEventId: string | undefined, now: number): ReadableStream<Uint8Array> {
    const place = lastEventId === undefined ? undefined : placeOf(lastEventId);
    const isKnown = place !== undefined && this.#log.holds(place);
    const from = lastEventId === undefined ? this.#log.shown : isKnown ? place.n : this.#log.start;
    const connected = { workflowId: this.#workflowId, resumed: isKnown, heartbeatSeconds: HEARTBEAT_MS / 1_000 };
    const stream: Stream = {
      listener,
      at: from,
      first: [
        commentText("live"),
        retryText(RETRY_MS),
        this.#said({ name: "connected", data: connected }, from),
        lastEventId === undefined || isKnown ? "" : this.#gap("expired", from),
      ].join(""),
      openedAt: now,
      busySince: now,
      wake: () => {},
      controller: null,
    };
    this.#open.add(stream);
    return new ReadableStream<Uint8Array>(
      {
        pull: (controller) => this.#give(stream, controller),
        cancel: () => this.#leave(stream),
      },
      { highWaterMark: 1 },
    );
  }

  /** There is something new in the log. */
  tell(): void {
    for (const stream of this.#open) stream.wake();
  }

  /** A line that says nothing, to all that wait; who does not take what there is, or has listened for long, is cut. */
  beat(now: number): void {
    for (const stream of this.#open) {
      if (stream.busySince !== null && now - stream.busySince > STALL_MS) this.#cut(stream);
      else if (now - stream.openedAt > MAX_STREAM_MS) this.#end(stream);
      else {
        stream.first += stream.busySince === null ? commentText("heartbeat") : "";
        stream.wake();
      }
    }
  }

  /** Those whose credentials have ended. */
  endExpired(now: number): void {
    this.end(({ expiresAt }) => expiresAt !== undefined && expiresAt <= now);
  }

  /** Of whom `isGone` says so. */
  end(isGone: (listener: Listener) => boolean): void {
    for (const stream of [...this.#open]) if (isGone(stream.listener)) this.#end(stream);
  }

  /** The next piece, as soon as there is one. */
  async #give(stream: Stream, controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    stream.controller = controller;
    while (this.#open.has(stream)) {
      const bytes = this.#next(stream);
      if (bytes) {
        stream.busySince = Date.now();
        controller.enqueue(bytes);
        return;
      }
      stream.busySince = null;
      await new Promise<void>((resolve) => {
        stream.wake = resolve;
      });
    }
  }

  #next(stream: Stream): Uint8Array | undefined {
    if (stream.at < this.#log.start) {
      stream.at = this.#log.start;
      stream.first += this.#gap("slow", stream.at);
    }
    if (stream.first !== "") {
      const bytes = encoder.encode(stream.first);
      stream.first = "";
      return bytes;
    }
    const piece = this.#log.pieceAfter(stream.at);
    if (!piece) return undefined;
    stream.at = piece.last;
    return piece.bytes;
  }

  #gap(reason: Gap["reason"], at: number): string {
    return this.#said({ name: "gap", data: { workflowId: this.#workflowId, reason } }, at);
  }

  /** To one stream alone, at its place. */
  #said({ name, data }: LiveEvent, at: number): string {
    return eventText(this.#log.placeText(at), { name, data: JSON.stringify(data) });
  }

  #end(stream: Stream): void {
    try {
      stream.controller?.close();
    } catch {
      // Its client has just gone.
    }
    this.#leave(stream);
  }

  #cut(stream: Stream): void {
    stream.controller?.error(new Error("The listener is too slow"));
    this.#leave(stream);
  }

  #leave(stream: Stream): void {
    if (!this.#open.delete(stream)) return;
    stream.wake();
    this.#left();
  }
}
