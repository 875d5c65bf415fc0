// A file of contacts being worked through: one object an upload. Owns the file's bytes (`chunks`), how far it is (`upload`), the rows that did not
// land (`problems`) and an outbox (outbox.ts has the invariants).
// Invariants: rows are written in their order, a batch at a time; the counts, the place in the file and the events of a batch commit together, after
// the database has its rows; the same batch written again makes the same contacts and counts the same, so a crash in between loses and doubles
// nothing; memory holds a batch and the largest row, whatever the file has.
import { DurableObject } from "cloudflare:workers";
import { databaseOf } from "../domain/database.ts";
import { DomainError } from "../domain/errors.ts";
import type { StreamEvent } from "../domain/event.ts";
import { type Place, rowsOfFile } from "../domain/upload/rows-of-file.ts";
import {
  type Encoding,
  isEnded,
  MAX_LISTED,
  type RowProblem,
  UnreadableFile,
  type UploadPlan,
  type UploadView,
} from "../domain/upload/upload.ts";
import { type NumberedRow, type Written, writeRows } from "../domain/upload/write-rows.ts";
import type { Env } from "../env.ts";
import { DAY_MS, HOUR_MS } from "../lib/durations.ts";
import { Alarm } from "./alarm.ts";
import { Outbox, RESEND_FIRST_MS } from "./outbox.ts";
import type { UploadRpc } from "./rpc.ts";

/** PERSISTED CONTRACT. */
type Kept = UploadPlan & {
  status: UploadView["status"];
  encoding: Encoding;
  bytes: number;
  place: Place;
  processed: number;
  created: number;
  updated: number;
  errors: number;
  endedAt: number | null;
  error: string | null;
};

/** Rows and bytes of a batch. */
const BATCH_ROWS = 500;
const BATCH_BYTES = 256 * 1024;
/** One wake works so long; the platform ends one after 15 minutes. */
const WAKE_MS = 20_000;
/** The database is given time. */
const RETRY_MS = 2_000;
/** Events that may wait to be processed before more rows are read: what the queue and the outbox hold stays bounded, whatever the file has. */
const MAX_BEHIND = 50_000;
const BEHIND_MS = 250;
/** A sender that broke off comes again with a new upload. */
const RECEIVING_MS = HOUR_MS;
/** What came of it can be read so long. */
const KEPT_MS = 7 * DAY_MS;

export class Upload extends DurableObject<Env> implements UploadRpc {
  readonly #outbox: Outbox;
  readonly #alarm: Alarm;
  readonly #waiting = new Set<() => void>();
  #kept: Kept | undefined;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#outbox = new Outbox(context.storage.sql, env.EVENTS, { kind: "upload", name: context.id.name! });
    this.#alarm = new Alarm(context);
    this.#kept = context.storage.kv.get<Kept>("upload");
  }

  async begin(plan: UploadPlan): Promise<void> {
    if (this.#kept) return;
    this.ctx.storage.sql.exec(`
      CREATE TABLE chunks (start INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
      CREATE TABLE problems (n INTEGER PRIMARY KEY, row INTEGER NOT NULL, field TEXT NOT NULL, message TEXT NOT NULL);
    `);
    this.#keep({
      ...plan,
      status: "receiving",
      encoding: "utf-8",
      bytes: 0,
      place: { offset: 0 },
      processed: 0,
      created: 0,
      updated: 0,
      errors: 0,
      endedAt: null,
      error: null,
    });
    this.#alarm.wakeBy(Date.now() + RECEIVING_MS);
  }

  /** `start`: bytes before this chunk. */
  async append(start: number, chunk: Uint8Array): Promise<void> {
    const kept = this.#of("receiving");
    this.ctx.storage.sql.exec("INSERT OR REPLACE INTO chunks (start, bytes) VALUES (?, ?)", start, chunk);
    this.#keep({ ...kept, bytes: Math.max(kept.bytes, start + chunk.byteLength) });
  }

  async finish(encoding: Encoding): Promise<void> {
    this.#keep({ ...this.#of("receiving"), encoding, status: "processing" });
    this.#alarm.wakeBy(Date.now());
  }

  async abandon(): Promise<void> {
    if (this.#kept?.status === "receiving") await this.#forget();
  }

  async read(): Promise<UploadView | null> {
    return this.#kept ? this.#view(this.#kept) : null;
  }

  async waitForEnd(timeoutMs: number): Promise<UploadView | null> {
    const kept = this.#kept;
    if (kept && !isEnded(kept)) {
      // The caller waits, nothing durable hangs on this timer.
      await new Promise<void>((resolve) => {
        const tell = () => {
          clearTimeout(timer);
          this.#waiting.delete(tell);
          resolve();
        };
        const timer = setTimeout(tell, timeoutMs);
        this.#waiting.add(tell);
      });
    }
    return this.read();
  }

  async take(ids: string[]): Promise<StreamEvent[]> {
    return this.#outbox.take(ids);
  }

  async acknowledge(ids: string[]): Promise<void> {
    this.#outbox.acknowledge(ids);
  }

  override async alarm(): Promise<void> {
    await this.#alarm.handle("upload", async () => {
      const kept = this.#kept;
      if (kept?.status === "receiving") {
        if (kept.createdAt + RECEIVING_MS > Date.now()) return kept.createdAt + RECEIVING_MS;
        await this.#forget();
        return null;
      }
      const again = kept?.status === "processing" ? await this.#work() : null;
      const unsent = await this.#outbox.sweep(Date.now());
      if (again !== null) return Math.min(again, unsent ?? again);
      if (!this.#kept?.endedAt) return unsent;
      const until = this.#kept.endedAt + KEPT_MS;
      if (until > Date.now() || unsent !== null) return Math.min(until, unsent ?? until);
      await this.#forget();
      return null;
    });
  }

  /** Batches, until the file or the wake is over. Answers when to go on (epoch ms), null at the end. */
  async #work(): Promise<number | null> {
    if (this.#outbox.size > MAX_BEHIND) return Date.now() + BEHIND_MS;
    const until = Date.now() + WAKE_MS;
    const { place, format, encoding } = this.#kept!;
    let batch: { rows: NumberedRow[]; bytes: number; place: Place } = { rows: [], bytes: 0, place };
    try {
      for await (const one of rowsOfFile((from) => this.#chunks(from), { place, format, encoding })) {
        const bytes = one.place.offset - batch.place.offset;
        const row = this.#kept!.processed + batch.rows.length + 1;
        if (one.read) batch.rows.push({ row, read: one.read });
        batch = { ...batch, bytes: batch.bytes + bytes, place: one.place };
        if (batch.rows.length < BATCH_ROWS && batch.bytes < BATCH_BYTES) continue;
        await this.#write(batch);
        batch = { rows: [], bytes: 0, place: batch.place };
        if (this.#outbox.size > MAX_BEHIND) return Date.now() + BEHIND_MS;
        if (Date.now() > until) return Date.now();
      }
      await this.#write(batch);
      this.#end("completed", null);
      return null;
    } catch (error) {
      if (error instanceof UnreadableFile) return this.#stop(batch, error);
      console.error(JSON.stringify({ at: "upload.work", name: this.ctx.id.name, message: String(error) }));
      return Date.now() + RETRY_MS;
    }
  }

  /** The file cannot be read on: what was read before lands. */
  async #stop(batch: { rows: NumberedRow[]; place: Place }, error: UnreadableFile): Promise<number | null> {
    try {
      await this.#write(batch);
    } catch (failure) {
      console.error(JSON.stringify({ at: "upload.work", name: this.ctx.id.name, message: String(failure) }));
      return Date.now() + RETRY_MS;
    }
    const { processed } = this.#kept!;
    if (processed > 0) {
      this.#note([{ row: processed + 1, field: "file", message: error.message }]);
      this.#keep({ ...this.#kept!, errors: this.#kept!.errors + 1, processed: processed + 1 });
    }
    this.#end("failed", error.message);
    return null;
  }

  async #write({ rows, place }: { rows: NumberedRow[]; place: Place }): Promise<void> {
    const now = Date.now();
    const kept = this.#kept!;
    const none: Written = { created: 0, updated: 0, errors: 0, problems: [], events: [] };
    const written = rows.length > 0 ? await writeRows(databaseOf(this.env.DB), kept, rows, now) : none;
    // No await from here to the commit. An outbox that is full throws before anything else has changed.
    for (const event of written.events) this.#outbox.accept(event, undefined, now);
    this.#note(written.problems);
    this.#keep({
      ...kept,
      place,
      processed: kept.processed + rows.length,
      created: kept.created + written.created,
      updated: kept.updated + written.updated,
      errors: kept.errors + written.errors,
    });
    if (written.events.length === 0) return;
    this.#alarm.wakeBy(now + RESEND_FIRST_MS);
    this.ctx.waitUntil(this.#outbox.flush());
  }

  #end(status: "completed" | "failed", error: string | null): void {
    this.#keep({ ...this.#kept!, status, error, endedAt: Date.now() });
    this.ctx.storage.sql.exec("DELETE FROM chunks");
    for (const tell of [...this.#waiting]) tell();
  }

  /** One chunk in memory at a time. */
  async *#chunks(from: number): AsyncGenerator<Uint8Array> {
    for (let at = from; ; ) {
      const [row] = this.ctx.storage.sql
        .exec<{ start: number; bytes: ArrayBuffer }>(
          "SELECT start, bytes FROM chunks WHERE start <= ? ORDER BY start DESC LIMIT 1",
          at,
        )
        .toArray();
      if (!row || row.start + row.bytes.byteLength <= at) return;
      yield new Uint8Array(row.bytes, at - row.start);
      at = row.start + row.bytes.byteLength;
    }
  }

  #note(problems: readonly RowProblem[]): void {
    const { n } = this.ctx.storage.sql.exec<{ n: number }>("SELECT count(*) AS n FROM problems").one();
    for (const { row, field, message } of problems.slice(0, Math.max(0, MAX_LISTED - n))) {
      this.ctx.storage.sql.exec("INSERT INTO problems (row, field, message) VALUES (?, ?, ?)", row, field, message);
    }
  }

  #view(kept: Kept): UploadView {
    const problems = this.ctx.storage.sql
      .exec<RowProblem>("SELECT row, field, message FROM problems ORDER BY n")
      .toArray();
    const { uploadId, status, processed, created, updated, errors, bytes, createdAt, endedAt, error } = kept;
    const bytesDone = status === "completed" ? bytes : kept.place.offset;
    return {
      uploadId,
      status,
      processed,
      created,
      updated,
      errors,
      problems,
      bytes,
      bytesDone,
      createdAt,
      endedAt,
      error,
    };
  }

  #of(status: "receiving"): Kept {
    if (this.#kept?.status === status) return this.#kept;
    throw new DomainError("conflict", "The upload takes no more of its file", { subject: "upload" });
  }

  async #forget(): Promise<void> {
    this.#kept = undefined;
    await this.ctx.storage.deleteAll();
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    this.ctx.storage.kv.put("upload", kept);
  }
}
