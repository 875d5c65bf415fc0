// Definitions as the domain hands them to the APIs: how one is judged when it is saved, and whether two are the same.
import { compile } from "../../engine/compile.ts";
import type { Definition, DefinitionSettings, Finding } from "../../engine/contract.ts";
import type { Program, ProgramNode } from "../../engine/program.ts";
import { canonicalJson } from "../../lib/json.ts";
import { nodeTypes } from "../../nodes/index.ts";
import { DomainError, invalid } from "../errors.ts";
import type { Egress, Ports } from "../ports.ts";
import { MAX_CONNECTIONS, MAX_DEFINITION_BYTES, MAX_WORKFLOW_NODES } from "./limits.ts";

export type { Definition, DefinitionSettings, Finding };

export const emptyDefinition = (): Definition => ({ nodes: {}, edges: [], variables: {} });

/** Who is asked about a definition beside the engine: whether its URLs may be called from here, and whether its snippets compile. */
export type Judges = Partial<Pick<Ports, "egress" | "checkCode">>;

/** URLs that lead where nobody may call from here. A node that is no good otherwise has other findings. */
const refusedUrls = (nodes: readonly ProgramNode[], egress: Egress): Finding[] =>
  nodes.flatMap(({ id, type, config }) =>
    (type.urls?.(config) ?? []).flatMap(({ path, url }) => {
      const message = egress.refusalOf(url);
      const at = { nodeId: id, path: `nodes.${id}.config.${path}` };
      return message === undefined ? [] : [{ severity: "error" as const, code: "url_not_allowed", message, ...at }];
    }),
  );

const CODE = "action_code";
/** Each costs its compilation. */
const MOST_SNIPPETS = 50;

const faultyCode = (nodes: readonly ProgramNode[], checkCode: Ports["checkCode"]): Finding[] =>
  nodes
    .filter(({ type }) => type.type === CODE)
    .slice(0, MOST_SNIPPETS)
    .flatMap(({ id, config }) =>
      checkCode(config.language as "python" | "javascript", String(config.code)).map(({ severity, message, line }) => ({
        ...{ severity, code: "bad_code", nodeId: id, path: `nodes.${id}.config.code` },
        message: line === undefined ? message : `${message} (line ${line})`,
      })),
    );

/** What runs, when nothing is wrong, and everything that is, errors and warnings. */
export const judgeDefinition = (
  definition: Definition,
  { egress, checkCode }: Judges = {},
): { program: Program | null; findings: Finding[] } => {
  const { program, findings, nodes } = compile(definition, nodeTypes);
  const right = [...nodes.values()];
  return {
    program,
    findings: [
      ...findings,
      ...(egress ? refusedUrls(right, egress) : []),
      ...(checkCode ? faultyCode(right, checkCode) : []),
    ],
  };
};

/** Everything that is wrong with a definition, errors and warnings; with `egress`, URLs are judged as well. */
export const findingsOf = (definition: Definition, egress?: Egress): Finding[] =>
  judgeDefinition(definition, egress && { egress }).findings;

/** What runs. Throws `code` with every error of a definition that cannot; with `egress`, URLs are judged as well. */
export const programOf = (
  definition: Definition,
  code: "invalid_definition" | "execution_refused",
  egress?: Egress,
): Program => {
  const { program, findings } = judgeDefinition(definition, egress && { egress });
  const errors = findings.filter((finding) => finding.severity === "error");
  if (program && errors.length === 0) return program;
  throw unrunnable(code, errors);
};

/** Its message is read by people who look no further: it says what is wrong first. */
export const unrunnable = (
  code: "invalid_definition" | "execution_refused",
  errors: readonly Finding[],
): DomainError => {
  const [first, ...others] = errors;
  const count = others.length === 0 ? "1 error:" : `${errors.length} errors, first:`;
  return new DomainError(code, first ? `The workflow has ${count} ${first.message}` : "The workflow cannot run", {
    subject: "workflow",
    problems: errors.map(({ path, message, code }) => ({ field: path, message, code })),
  });
};

/** Throws `invalid_input` or `payload_too_large` for what is too large to be kept; anything else may be saved as a draft. */
export const checkSize = (definition: Definition): void => {
  if (Object.keys(definition.nodes).length > MAX_WORKFLOW_NODES)
    throw invalid("nodes", `must have at most ${MAX_WORKFLOW_NODES} nodes`);
  if (definition.edges.length > MAX_CONNECTIONS)
    throw invalid("edges", `must have at most ${MAX_CONNECTIONS} connections`);
  const bytes = new TextEncoder().encode(JSON.stringify(definition)).byteLength;
  if (bytes <= MAX_DEFINITION_BYTES) return;
  throw new DomainError("payload_too_large", `The workflow is larger than ${MAX_DEFINITION_BYTES} bytes`, {
    problems: [{ field: "nodes", message: `the workflow as a whole must have at most ${MAX_DEFINITION_BYTES} bytes` }],
    details: { limit: MAX_DEFINITION_BYTES, size: bytes },
  });
};

/** Not just unfinished: nothing that is added to the draft makes sense of these (CONTRACT "Events"). */
const SENSELESS: ReadonlySet<string> = new Set(["unknown_operator", "unknown_field"]);

/** Throws `invalid_input` for conditions with an operator or a field root that there is not. */
export const checkConditions = (definition: Definition): void => refuseSenseless(findingsOf(definition));

export const refuseSenseless = (findings: readonly Finding[]): void => {
  const problems = findings
    .filter(({ code }) => SENSELESS.has(code))
    .map(({ path, message, code }) => ({ field: path, message, code }));
  const [first] = problems;
  if (first) throw new DomainError("invalid_input", `${first.field}: ${first.message}`, { problems });
};

export const sameDefinition = (left: Definition, right: Definition): boolean =>
  canonicalJson(left) === canonicalJson(right);
