// A flow document as a client sends it: its parts, their types, and how large it may be. It is kept exactly as it was sent (texts stay texts, fields
// that we do not know stay), and may be unfinished: what a flow needs before people meet it is in check-flow.ts.
import { z } from "zod";
import { isForbiddenKey, isJsonObject, type Json, type JsonObject, own } from "../../lib/json.ts";
import { isDeeperThan } from "../../lib/json-depth.ts";
import { isLine } from "../../lib/plain-text.ts";
import { err, ok, type Result } from "../../lib/result.ts";
import type { FieldProblem } from "../errors.ts";
import {
  MAX_ANSWERS,
  MAX_CONDITIONS,
  MAX_FLOW_BYTES,
  MAX_FLOW_DEPTH,
  MAX_FLOW_EDGES,
  MAX_FLOW_NODES,
  MAX_ID,
  MAX_KEYWORD,
  MAX_KEYWORDS,
  MAX_NAME,
  MAX_REPLIES,
  MAX_TEXT,
} from "./limits.ts";

/** What is said of a value of another type; a missing one is required. */
const needs = (message: string) => ({
  error: (issue: { input?: unknown }) => (issue.input === undefined ? "is required" : message),
});

const text = (max = MAX_TEXT) => z.string(needs("must be a text")).max(max, `must have at most ${max} characters`);
const id = text(MAX_ID)
  .min(1, "must not be empty")
  .refine(isLine, "must be one line of text")
  .refine((value) => !isForbiddenKey(value), "is a reserved word");
const flag = z.boolean(needs("must be true or false"));
/** The document writes numbers as texts; a client that sends numbers means the same. */
const number = z.union([text(100), z.number()], needs("must be a number, or its text"));
const list = <T extends z.ZodType>(item: T, max: number) =>
  z.array(item, needs("must be a list")).max(max, `must have at most ${max} elements`);
const part = <Shape extends z.ZodRawShape>(shape: Shape) => z.looseObject(shape, needs("must be an object"));

const place = part({ posX: number.nullish(), posY: number.nullish() });

/** An answer and the way that it leads. `description` and `section` are those of a list's row. */
const answer = part({
  id: text(MAX_TEXT).nullish(),
  expectedInput: text().nullish(),
  isDefault: flag.nullish(),
  nodeResultId: text(MAX_ID).nullish(),
  description: text().nullish(),
  section: text().nullish(),
});

const reply = part({ flowReplyType: text(), data: text(), caption: text().nullish(), mimeType: text().nullish() });

/** Fields of every node type: which one a node has says its type, and an unfinished one may lack any. */
const node = part({
  id,
  type: text(MAX_ID),
  flowNodeType: text().nullish(),
  flowNodePosition: place.nullish(),
  isStartNode: flag.nullish(),
  triggerKeywords: list(text(MAX_KEYWORD), MAX_KEYWORDS).nullish(),
  triggerTemplateId: text().nullish(),
  triggerTemplateName: text().nullish(),
  flowReplies: list(reply, MAX_REPLIES).nullish(),
  userInputVariable: text().nullish(),
  answerValidation: part({
    type: text().nullish(),
    minValue: number.nullish(),
    maxValue: number.nullish(),
    regex: text().nullish(),
    fallback: text().nullish(),
    failsCount: number.nullish(),
  }).nullish(),
  isMediaAccepted: flag.nullish(),
  interactiveButtonsHeader: part({ type: text().nullish(), text: text().nullish(), media: text().nullish() }).nullish(),
  interactiveButtonsBody: text().nullish(),
  interactiveButtonsFooter: text().nullish(),
  interactiveButtonsUserInputVariable: text().nullish(),
  interactiveButtonsDefaultNodeResultId: text(MAX_ID).nullish(),
  expectedAnswers: list(answer, MAX_ANSWERS).nullish(),
  listButton: text().nullish(),
  flowNodeConditions: list(
    part({
      id: text().nullish(),
      flowConditionType: text().nullish(),
      variable: text().nullish(),
      value: z.union([text(), z.number(), flag], "must be a text").nullish(),
    }),
    MAX_CONDITIONS,
  ).nullish(),
  conditionResult: list(answer, MAX_ANSWERS).nullish(),
  conditionOperator: text().nullish(),
  delayDuration: number.nullish(),
  delayUnit: text().nullish(),
  waitForReply: flag.nullish(),
  delayInterrupt: flag.nullish(),
  delayResult: list(answer, MAX_ANSWERS).nullish(),
  config: part({}).nullish(),
  nodeResult: list(answer, MAX_ANSWERS).nullish(),
});

const edge = part({ id: text(MAX_TEXT), sourceNodeId: text(MAX_ID), targetNodeId: text(MAX_ID) });

const content = {
  name: text(MAX_NAME)
    .refine((name) => name.trim() !== "", "must not be empty")
    .refine(isLine, "must be one line of text"),
  flowNodes: list(node, MAX_FLOW_NODES),
  flowEdges: list(edge, MAX_FLOW_EDGES),
  transform: part({ posX: number.nullish(), posY: number.nullish(), zoom: number.nullish() }).nullish(),
  isPro: flag.nullish(),
  brand_id: z.int(needs("must be a whole number")).nullish(),
};

/** What we say of a flow and a client may send back with it: read, never taken over. */
const OURS = ["id", "created", "lastUpdated", "status", "user_id", "created_at", "updated_at"];

const whole = z.strictObject({ ...content, ...Object.fromEntries(OURS.map((name) => [name, z.unknown().optional()])) });
/** The content alone. */
export const flowDocument = z.strictObject(content);

export type FlowAnswer = z.output<typeof answer>;
export type FlowReply = z.output<typeof reply>;
export type FlowNode = z.output<typeof node>;
/** PERSISTED CONTRACT: kept as the client sent it. */
export type Flow = z.output<typeof flowDocument>;

/** The path of a key that must not reach an object of ours, anywhere inside. */
const forbiddenIn = (value: Json, path: string): string | undefined => {
  if (typeof value !== "object" || value === null) return undefined;
  for (const key of Object.keys(value)) {
    const at = path === "" ? key : `${path}.${key}`;
    const found = isForbiddenKey(key) ? at : forbiddenIn(own(value, key) as Json, at);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** A node without what we count for it, which a client may have from the flow's detail. */
const uncounted = (sent: Json): Json => {
  if (!isJsonObject(sent) || !Object.hasOwn(sent, "transactionCount")) return sent;
  const { transactionCount: _, ...kept } = sent;
  return kept;
};

const refuse = (field: string, message: string): { ok: false; error: FieldProblem[] } => err([{ field, message }]);

/** The content of a flow exactly as sent, or everything that is wrong with it by its path (`flowNodes.2.expectedAnswers.0.id`). Never throws. */
export const readFlow = (sent: unknown): Result<Flow, FieldProblem[]> => {
  if (!isJsonObject(sent)) return refuse("", "must be an object");
  if (isDeeperThan(sent, MAX_FLOW_DEPTH)) return refuse("", `must nest at most ${MAX_FLOW_DEPTH} levels deep`);
  const forbidden = forbiddenIn(sent, "");
  if (forbidden !== undefined) return refuse(forbidden, "is a reserved word");
  const judged = whole.safeParse(sent);
  if (!judged.success) return err(judged.error.issues.flatMap(problemsOf));
  if (new TextEncoder().encode(JSON.stringify(sent)).byteLength > MAX_FLOW_BYTES)
    return refuse("flowNodes", `the flow as a whole must have at most ${MAX_FLOW_BYTES} bytes`);
  const flow: JsonObject = {};
  for (const name of Object.keys(content)) {
    const value = own(sent, name);
    if (value !== undefined) flow[name] = name === "flowNodes" ? (value as Json[]).map(uncounted) : value;
  }
  return ok(flow as Flow);
};

const problemsOf = (issue: z.core.$ZodIssue): FieldProblem[] => {
  const field = issue.path.join(".");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ field: [...issue.path, key].join("."), message: "is not known here" }));
  return [{ field, message: issue.message }];
};
