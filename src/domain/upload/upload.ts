// A file of contacts on its way in: what is told of it while it is worked through and after, and its limits.
import type { FieldProblem } from "../errors.ts";

/** As stored; UTF-16 is made UTF-8 on the way in. */
export type Encoding = "utf-8" | "windows-1252";
export type Format = "csv" | "json";

/** PERSISTED CONTRACT: what an `Upload` object is told of its file before it begins. */
export type UploadPlan = {
  organizationId: string;
  uploadId: string;
  /** Who brought it, and with which request: the source of every consent in it. */
  actor: string;
  requestId: string;
  /** Epoch ms. What a person says later is not undone by a row that is read later. */
  createdAt: number;
  format: Format;
};

/** A row that did not land. The first row of data is 1; 0 is the file itself. */
export type RowProblem = Pick<FieldProblem, "field" | "message"> & { row: number };

export type UploadView = {
  uploadId: string;
  /** failed: the file as a whole could not be read on; what was read has landed. */
  status: "receiving" | "processing" | "completed" | "failed";
  /** Rows that were looked at; those below come to as many. */
  processed: number;
  created: number;
  updated: number;
  errors: number;
  /** The first MAX_LISTED. */
  problems: RowProblem[];
  /** Of the file, and how much of it is done. */
  bytes: number;
  bytesDone: number;
  createdAt: number;
  endedAt: number | null;
  /** Why it failed. */
  error: string | null;
};

/** Problems that are kept; more are only counted. */
export const MAX_LISTED = 1_000;
/** Bytes of a file. The platform takes 100 MB a request. */
export const MAX_UPLOAD_BYTES = 64 * 1024 * 1024;
/** Bytes of one row. */
export const MAX_ROW_BYTES = 256 * 1024;
/** A row of the object's storage (production's limit is 2 MB). */
export const CHUNK_BYTES = 256 * 1024;

export const isEnded = ({ status }: Pick<UploadView, "status">): boolean =>
  status === "completed" || status === "failed";

/** A file that cannot be read on: the message is for who sent it. */
export class UnreadableFile extends Error {
  override readonly name = "UnreadableFile";
}
