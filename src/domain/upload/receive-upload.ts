// A file on its way in: stored as it comes, in chunks, and then waited for while its object works through it.
import { newId } from "../../lib/ids.ts";
import { actorOf, auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError, invalid, notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { textOfFile } from "./text-of-file.ts";
import { CHUNK_BYTES, type Format, MAX_UPLOAD_BYTES, type UploadView } from "./upload.ts";

/** `bytes` as they come; `format` undefined: the first character tells. */
export type UploadedFile = { bytes: AsyncIterable<Uint8Array>; format: Format | undefined };

/** First of all, so that nobody sends a file for nothing. Throws `forbidden`. */
export const authorizeUpload = ({ principal }: Context): void => authorizeRole(principal, "editor", "write");

/**
 * Stores the file and waits for its end for `waitMs`; the view says whether it came. Throws `payload_too_large`, `invalid_input` for an empty
 * file or one that is none; nothing of it is kept then.
 */
export const receiveUpload = async (context: Context, file: UploadedFile, waitMs: number): Promise<UploadView> => {
  authorizeUpload(context);
  const { ports, principal, requestId } = context;
  const { organizationId } = principal;
  const createdAt = ports.now();
  const uploadId = newId(createdAt);
  const { chunks, encoding } = textOfFile(limited(file.bytes));
  let begun = false;
  let stored = 0;
  const begin = async (head: Uint8Array): Promise<void> => {
    if (isArchive(head)) throw invalid("file", "Is a workbook or an archive; save the sheet as CSV.");
    const format = file.format ?? formatOf(head);
    await ports.uploads.begin({ organizationId, uploadId, actor: actorOf(principal), requestId, createdAt, format });
    begun = true;
  };
  try {
    for await (const chunk of gathered(chunks)) {
      if (!begun) await begin(chunk);
      await ports.uploads.append(organizationId, uploadId, stored, chunk);
      stored += chunk.byteLength;
    }
    if (stored === 0) throw invalid("file", "Is empty.");
  } catch (error) {
    if (begun) await ports.uploads.abandon(organizationId, uploadId);
    throw error;
  }
  await auditStatement(context, {
    action: "contacts.uploaded",
    targetType: "upload",
    targetId: uploadId,
    details: { bytes: stored },
  }).run();
  await ports.uploads.finish(organizationId, uploadId, encoding());
  return endOf(context, uploadId, createdAt + waitMs);
};

/** An object that was killed in between is asked again: it goes on by itself. */
const endOf = async ({ ports, principal }: Context, uploadId: string, until: number): Promise<UploadView> => {
  const { organizationId } = principal;
  for (let tries = 0; ; tries++) {
    try {
      const view = await ports.uploads.waitForEnd(organizationId, uploadId, Math.max(0, until - ports.now()));
      if (view) return view;
    } catch (error) {
      if (tries >= 3) throw error;
    }
  }
};

/** Throws `not_found`; another organisation's is the same as a missing one. */
export const readUpload = async ({ ports, principal }: Context, uploadId: string): Promise<UploadView> => {
  authorizeRole(principal, "viewer", "read");
  const view = await ports.uploads.read(principal.organizationId, uploadId);
  if (!view) throw notFound("upload");
  return view;
};

/** What spreadsheets save by themselves (xlsx, ods) is a zip of many files. */
const isArchive = (head: Uint8Array): boolean => Buffer.from(head.subarray(0, 4)).toString("latin1") === "PK\x03\x04";

const formatOf = (head: Uint8Array): Format => {
  const first = Buffer.from(head.subarray(0, 100)).toString("latin1").trimStart()[0];
  return first === "[" || first === "{" ? "json" : "csv";
};

async function* limited(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.byteLength;
    if (size > MAX_UPLOAD_BYTES) {
      throw new DomainError("payload_too_large", `The file is larger than ${MAX_UPLOAD_BYTES} bytes`, {
        details: { limit: MAX_UPLOAD_BYTES },
      });
    }
    yield chunk;
  }
}

/** Chunks as large as they are stored. */
async function* gathered(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength; ) {
      const part = chunk.subarray(at, at + CHUNK_BYTES - size);
      parts.push(part);
      size += part.byteLength;
      at += part.byteLength;
      if (size < CHUNK_BYTES) continue;
      yield Buffer.concat(parts);
      parts = [];
      size = 0;
    }
  }
  if (size > 0) yield Buffer.concat(parts);
}
