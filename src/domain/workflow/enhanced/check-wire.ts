// What an enhanced workflow may be saved with, finished or not: not too large, no conditions that nothing makes sense of, no workflow that is not the
// caller's organisation's.
import type { Program } from "../../../engine/program.ts";
import type { Context } from "../../context.ts";
import { DomainError } from "../../errors.ts";
import { openWorkflowHead } from "../access.ts";
import { checkSize, refuseSenseless } from "../definition.ts";
import type { Judged } from "./compile-workflow.ts";
import type { EnhancedWire } from "./workflow-data.ts";

/** Of the drawing and what it compiled to together, as JSON: a row of D1 holds 2 MB. */
const MAX_ROW_BYTES = 1_800_000;

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).byteLength;

/** Throws `invalid_input` or `payload_too_large`. */
export const checkWire = (wire: EnhancedWire, { definition, findings }: Judged): void => {
  checkSize(definition);
  refuseSenseless(findings);
  const size = bytesOf(wire) + bytesOf(definition);
  if (size <= MAX_ROW_BYTES) return;
  const message = `The workflow is too large: ${size} bytes with what it runs as, at most ${MAX_ROW_BYTES}`;
  throw new DomainError("payload_too_large", message, {
    problems: [{ field: "workflowData", message: "is too large" }],
    details: { limit: MAX_ROW_BYTES, size },
  });
};

/** An error workflow that is named anew is one that the caller may execute. Throws `not_found`, `forbidden`. */
export const checkErrorWorkflow = async (
  context: Context,
  { settings }: EnhancedWire,
  before?: EnhancedWire,
): Promise<void> => {
  const id = settings.errorWorkflowId;
  if (id !== undefined && id !== before?.settings.errorWorkflowId) await openWorkflowHead(context, id, "execute");
};

/** What runs. Throws `invalid_definition` with what must be mended before it can. */
export const requireRunnable = ({ findings, program }: Judged): Program => {
  const errors = findings.filter(({ severity }) => severity === "error");
  if (program && errors.length === 0) return program;
  throw new DomainError(
    "invalid_definition",
    `The workflow has ${errors.length} error${errors.length === 1 ? "" : "s"}`,
    {
      subject: "workflow",
      problems: errors.map(({ path, message, code }) => ({ field: path, message, code })),
    },
  );
};
