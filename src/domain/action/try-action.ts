// One action tried by itself, with data to render its templates with. Messages to people leave by no test, and nobody's data is changed by one;
// requests leave where that is asked for. Leaves one audit row and nothing else.
import { CURRENT_FLAGS } from "../../engine/flags.ts";
import { newId } from "../../lib/ids.ts";
import { isJsonObject, type Json, type JsonObject, own } from "../../lib/json.ts";
import { nodeTypes } from "../../nodes/index.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import { dryRun } from "../execution/dry-run.ts";
import { redactView } from "../execution/redact.ts";
import { checkRunSize } from "../execution/run-size.ts";
import { authorizeRole } from "../permission.ts";
import type { NodeVisitView } from "../ports.ts";
import { readGlobals, withGlobals } from "../variable/globals.ts";
import { secretsPort } from "../variable/secret-values.ts";
import { judgeDefinition } from "../workflow/definition.ts";

export type ActionTest = {
  config: JsonObject;
  /** `event` (with `data`), `variables` and `contact`, or what is the event's data and the variables at once. */
  inputData: JsonObject;
  mockMode: boolean;
};

export type TriedAction = {
  type: string;
  success: boolean;
  output: Json;
  /** By which way a workflow would go on; null when it failed. */
  port: string | null;
  error: { code: string; message: string } | null;
  logs: readonly string[];
  startedAt: number;
  durationMs: number;
  /** What it would have waited, in ms. */
  leaptMs: number;
  attempts: number;
  /** Its effect was not performed. */
  mocked: boolean;
};

const NODE = "action";

/** By its full name or without the word before: `action_webhook`, `webhook`. */
const typeNamed = (name: string): string => {
  const names = [name, `action_${name}`, `condition_${name}`, `data_${name}`, `flow_${name}`, `loop_${name}`];
  const found = names.find((one) => nodeTypes.has(one) && nodeTypes.get(one)!.kind !== "trigger");
  if (found !== undefined) return found;
  throw new DomainError("not_found", `There is no action type '${name}'; GET /api/v2/actions/definitions lists them`, {
    subject: "action",
  });
};

/** Throws `invalid_input` with `config.<path>`. */
const programOf = ({ ports }: Context, type: string, config: JsonObject) => {
  const definition = { nodes: { [NODE]: { type, config } }, edges: [], variables: {} };
  const { program, findings } = judgeDefinition(definition, { egress: ports.egress });
  const errors = findings.filter(({ severity }) => severity === "error");
  const inside = `nodes.${NODE}.`;
  const problems = errors
    .filter(({ path }) => path.startsWith(`${inside}config`))
    .map(({ path, message, code }) => ({ field: path.slice(inside.length), message, code }));
  const [first] = problems;
  if (first) throw new DomainError("invalid_input", `${first.field}: ${first.message}`, { problems });
  if (program) return program;
  const message = errors[0]?.message ?? "It needs a graph around it";
  throw new DomainError("impossible", `This cannot be tried by itself: ${message}`, { subject: "action" });
};

const given = (inputData: JsonObject) => {
  const { event, variables, contact } = inputData;
  const isApart = isJsonObject(event) || isJsonObject(variables);
  const data = isJsonObject(event) ? own(event, "data") : isApart ? {} : inputData;
  return {
    data: isJsonObject(data) ? data : {},
    variables: isJsonObject(variables) ? variables : isApart ? {} : inputData,
    contact: isJsonObject(contact) ? contact : undefined,
    eventType: isJsonObject(event) && typeof event.type === "string" ? event.type : "MANUAL_TRIGGER",
  };
};

/**
 * Takes the right to execute; for real that to edit as well, since what leaves, whereto and with which secrets is the caller's to say. Throws
 * `not_found` for an unknown type, `invalid_input` for a config that is wrong.
 */
export const tryAction = async (
  context: Context,
  name: string,
  { config, inputData, mockMode }: ActionTest,
): Promise<TriedAction> => {
  const { ports, principal } = context;
  authorizeRole(principal, "operator", "execute");
  if (!mockMode) authorizeRole(principal, "editor", "write");
  const type = typeNamed(name);
  const program = programOf(context, type, config);
  const { data, variables, contact, eventType } = given(inputData);
  checkRunSize({ variables, metadata: {} });
  const { organizationId } = principal;
  const globals = await readGlobals(ports.db, organizationId);
  const details = { type, mockMode };
  await ports.db.batch([
    auditStatement(context, { action: "action.tested", targetType: "action", targetId: type, details }),
  ]);
  const at = ports.now();
  const executionId = newId(at);
  const { view, mocked, simulatedMs } = await dryRun(
    program,
    {
      flags: CURRENT_FLAGS,
      executionId,
      organizationId,
      workflowId: executionId,
      versionId: "test",
      startNodes: [NODE],
      event: { id: newId(at), type: eventType, source: "test", data, occurredAt: at, ...(contact && { contact }) },
      variables: withGlobals(globals, {}, variables),
      metadata: {},
      username: principal.username,
    },
    {
      now: ports.now,
      code: ports.code,
      ...(!mockMode && { http: ports.http, secrets: secretsPort(ports) }),
    },
  );
  const shown = redactView(view);
  const visit: NodeVisitView | undefined = shown.visits.find(({ nodeId }) => nodeId === NODE);
  const durationMs = Math.max(0, (visit?.completedAt ?? shown.endedAt ?? at) - (visit?.startedAt ?? at));
  return {
    type,
    success: visit?.status === "completed",
    output: visit?.output ?? null,
    port: visit?.port ?? null,
    error: visit?.error ?? (shown.error && { code: shown.error.code, message: shown.error.message }),
    logs: visit?.logs ?? [],
    startedAt: visit?.startedAt ?? at,
    durationMs,
    leaptMs: Math.max(0, simulatedMs - durationMs),
    attempts: visit?.attempts ?? 0,
    mocked: visit !== undefined && mocked.has(visit.n),
  };
};
