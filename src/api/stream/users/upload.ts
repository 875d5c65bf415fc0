// /api/v1/users/bulk/upload: a file of users. It is stored as it comes and worked through by an object of its own; the answer waits for the end.
import { z } from "@hono/zod-openapi";
import { DomainError } from "../../../domain/errors.ts";
import { authorizeUpload, readUpload, receiveUpload } from "../../../domain/upload/receive-upload.ts";
import { type Format, isEnded, type UploadView } from "../../../domain/upload/upload.ts";
import { instant, instantOrNull } from "../convert.ts";
import { ALWAYS, streamOperations } from "../operations.ts";
import { instant as instantShape } from "../schema.ts";
import { wireField } from "./convert.ts";
import { takeFile } from "./multipart.ts";

const UPLOADS = "/api/v1/users/bulk/upload";
const FIELD = "file";
const tag = "Users";
/** So long an answer waits, unless `wait_seconds` says less. */
const LONGEST_WAIT_SECONDS = 240;

const { routes, operation } = streamOperations();

export { routes };

const answer = z
  .object({
    message: z.string(),
    processed: z.int().openapi({ description: "Rows read: created + updated + errors." }),
    created: z.int(),
    updated: z.int(),
    errors: z.int().openapi({ description: "Rows that did not land." }),
    validation_errors: z
      .array(z.object({ row: z.int(), field: z.string(), message: z.string() }))
      .openapi({ description: "The first 1,000. The first row of data is 1." }),
    validation_errors_complete: z.boolean().openapi({ description: "false: more rows have errors than are listed." }),
    upload_id: z.string(),
    status: z.enum(["receiving", "processing", "completed", "failed"]),
    bytes: z.int(),
    bytes_processed: z.int(),
    created_at: instantShape,
    completed_at: instantShape.nullable(),
  })
  .openapi("BulkUpload");

const MESSAGES: Record<UploadView["status"], string> = {
  receiving: "Bulk upload is being received",
  processing: "Bulk upload is being processed",
  completed: "Bulk upload completed",
  failed: "Bulk upload stopped",
};

const toUpload = (view: UploadView) => {
  const listed = new Set(view.problems.map(({ row }) => row)).size;
  return {
    message: view.error === null ? MESSAGES[view.status] : `${MESSAGES[view.status]}: ${view.error}`,
    processed: view.processed,
    created: view.created,
    updated: view.updated,
    errors: view.errors,
    validation_errors: view.problems.map(({ row, field, message }) => ({ row, field: wireField(field), message })),
    validation_errors_complete: listed >= view.errors,
    upload_id: view.uploadId,
    status: view.status,
    bytes: view.bytes,
    bytes_processed: view.bytesDone,
    created_at: instant(view.createdAt),
    completed_at: instantOrNull(view.endedAt),
  };
};

/** The name says it, else the type, else the file's first character. */
const formatOf = (name: string, type: string): Format | undefined => {
  if (/\.json$/i.test(name) || /^application\/json\b/i.test(type)) return "json";
  return /\.(csv|tsv|txt)$/i.test(name) || /^text\/(csv|tab-separated-values)\b/i.test(type) ? "csv" : undefined;
};

const waitQuery = z.object({
  wait_seconds: z
    .string()
    .regex(/^\d{1,3}$/, "must be a whole number of seconds")
    .transform(Number)
    .optional()
    .openapi({ type: "integer", default: LONGEST_WAIT_SECONDS, maximum: LONGEST_WAIT_SECONDS }),
});

operation(
  {
    method: "post",
    path: UPLOADS,
    summary: "Upload users (multipart field `file`, CSV or JSON); 202 when it takes longer than is waited for",
    tag,
    query: waitQuery,
    answers: { 200: answer, 202: answer },
    errors: [400, ...ALWAYS, 413, 503],
  },
  async (c, { query }) => {
    authorizeUpload(c.var.context);
    const seconds = Math.min(query.wait_seconds ?? LONGEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS);
    const view = await takeFile(c, FIELD, ({ name, type, bytes }) =>
      receiveUpload(c.var.context, { bytes, format: formatOf(name, type) }, seconds * 1_000),
    );
    // A file of which nothing could be read is refused like any other bad input.
    if (view.error !== null && view.processed === 0) {
      throw new DomainError("invalid_input", `${FIELD}: ${view.error}`, {
        problems: [{ field: FIELD, message: view.error }],
      });
    }
    return c.json(toUpload(view), isEnded(view) ? 200 : 202);
  },
);

operation(
  {
    method: "get",
    path: `${UPLOADS}/{upload_id}`,
    summary: "Get an upload's progress and result (kept for 7 days)",
    tag,
    answers: { 200: answer },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => c.json(toUpload(await readUpload(c.var.context, params.upload_id))),
);
