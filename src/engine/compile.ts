// A definition becomes a program, or a list of everything that is wrong with it. Shapes of single nodes are checked here; the graph's laws in
// lint.ts.
import { isForbiddenKey, type Json, type JsonObject } from "../lib/json.ts";
import { placesOf, plainWords } from "../lib/plain-words.ts";
import type { Definition, EdgeDefinition, Finding, NodeType } from "./contract.ts";
import { ERROR_PORT } from "./contract.ts";
import { type ConditionTree, fieldsOf } from "./expression/condition.ts";
import { type CompiledValue, compileValue, referencesOf } from "./expression/value.ts";
import { MAX_EDGES, MAX_NODES } from "./limits.ts";
import { lintGraph, worstCaseMs } from "./lint.ts";
import { policyOf, policySchema, splitPolicy } from "./policy.ts";
import { Program, type ProgramNode } from "./program.ts";

export type Catalogue = ReadonlyMap<string, NodeType>;
/** `nodes`: those that are right by themselves, whatever is wrong with others. */
export type Compilation = { program: Program | null; findings: Finding[]; nodes: ReadonlyMap<string, ProgramNode> };

/** All findings at once, errors and warnings; a program when there is no error. */
export const compile = (definition: Definition, catalogue: Catalogue): Compilation => {
  const findings: Finding[] = [];
  const ids = Object.keys(definition.nodes);
  if (ids.length > MAX_NODES || definition.edges.length > MAX_EDGES) {
    const message = `A workflow may have at most ${MAX_NODES} nodes and ${MAX_EDGES} connections`;
    const path = ids.length > MAX_NODES ? "nodes" : "edges";
    return { program: null, findings: [{ severity: "error", code: "too_large", message, path }], nodes: new Map() };
  }
  if (ids.length === 0) {
    findings.push({ severity: "error", code: "no_nodes", message: "Workflow has no nodes", path: "nodes" });
  }
  const nodes = new Map<string, ProgramNode>();
  const references = new Map<string, string[][]>();
  const locals = new Set(
    Object.values(definition.nodes).flatMap(({ type, config }) => catalogue.get(type)?.locals?.(config) ?? []),
  );
  for (const id of ids) {
    const compiled = compileNode(id, definition, catalogue, locals, findings);
    if (!compiled) continue;
    nodes.set(id, compiled.node);
    references.set(id, compiled.references);
  }
  const edges = checkEdges(definition, nodes, findings);
  const connected = connect(nodes, edges);
  findings.push(...lintGraph(connected, references, definition));
  const broken = findings.some((finding) => finding.severity === "error");
  const program = broken
    ? null
    : new Program(connected, definition.variables, definition.settings ?? {}, worstCaseMs(connected));
  return { program, findings, nodes };
};

/** What is wrong with a config, in one word; a condition's faults that no draft may keep have their own (domain/workflow/definition.ts). */
const codeOf = (code: unknown): string =>
  code === "unknown_operator" || code === "unknown_field" ? code : "bad_config";

type CompiledNode = { node: ProgramNode; references: string[][] };

const compileNode = (
  id: string,
  definition: Definition,
  catalogue: Catalogue,
  locals: ReadonlySet<string>,
  findings: Finding[],
): CompiledNode | undefined => {
  const written = definition.nodes[id]!;
  const report = (code: string, path: string, message: string, severity: Finding["severity"] = "error") =>
    findings.push({ severity, code, message, nodeId: id, path: path ? `nodes.${id}.${path}` : `nodes.${id}` });
  if (isForbiddenKey(id) || id.length === 0 || id.length > 128) {
    report("bad_node_id", "", "A node id has 1 to 128 characters and must not be a reserved word");
    return undefined;
  }
  const type = catalogue.get(written.type);
  if (!type) {
    report("unknown_node_type", "type", `Unknown node type '${written.type}'`);
    return undefined;
  }
  const before = findings.length;
  const { policy, own } = splitPolicy(written.config);
  const checkedPolicy = policySchema.safeParse(policy, { error: plainWords });
  const checked = type.schema.safeParse(own, { error: plainWords });
  for (const issue of [...(checkedPolicy.error?.issues ?? []), ...(checked.error?.issues ?? [])]) {
    const named = issue.code === "custom" ? issue.params?.code : undefined;
    for (const { path, message } of placesOf(issue)) report(codeOf(named), ["config", ...path].join("."), message);
  }
  if (!checked.success || !checkedPolicy.success) return undefined;
  const config = checked.data as JsonObject;
  for (const problem of type.check?.(config, { written: own, locals }) ?? []) {
    report(
      codeOf(problem.code),
      problem.path ? `config.${problem.path}` : "config",
      problem.message,
      problem.severity ?? "error",
    );
  }
  const templates = compileTemplates(config, type, report);
  if (!templates || findings.slice(before).some((finding) => finding.severity === "error")) return undefined;
  const node: ProgramNode = {
    id,
    type,
    config,
    rendered: templates.rendered,
    policy: policyOf(checkedPolicy.data, type, definition.settings),
    ports: type.ports(config),
    targets: new Map(),
    sources: [],
  };
  return { node, references: templates.references };
};

/** Templates of the rendered fields become part of the program; those inside raw trees are checked and compiled when first used. */
const compileTemplates = (
  config: JsonObject,
  type: NodeType,
  report: (code: string, path: string, message: string) => void,
): { rendered: CompiledValue; references: string[][] } | undefined => {
  const plain: JsonObject = {};
  const raw: Json[] = [];
  for (const [key, value] of Object.entries(config)) {
    if (!type.raw?.includes(key)) plain[key] = value;
    else if (typeof value === "object" && value !== null) raw.push({ [key]: value });
  }
  const references = conditionPaths(config, type);
  let rendered: CompiledValue | undefined;
  for (const value of [plain, ...raw]) {
    const compiled = compileValue(value);
    if (!compiled.ok) {
      for (const fault of compiled.error)
        report("bad_template", fault.path ? `config.${fault.path}` : "config", fault.message);
      continue;
    }
    rendered ??= compiled.value;
    references.push(...referencesOf(compiled.value));
  }
  return rendered && { rendered, references };
};

/** What a node's own conditions read; templates among the fields are found as such. */
const conditionPaths = ({ conditions }: JsonObject, { raw }: NodeType): string[][] =>
  conditions === undefined || !raw?.includes("conditions")
    ? []
    : fieldsOf(conditions as ConditionTree)
        .filter((field) => !field.includes("{{"))
        .map((field) => field.split("."));

const checkEdges = (
  definition: Definition,
  nodes: ReadonlyMap<string, ProgramNode>,
  findings: Finding[],
): EdgeDefinition[] => {
  const seen = new Set<string>();
  const good: EdgeDefinition[] = [];
  definition.edges.forEach((edge, index) => {
    const problems: [code: string, field: string, message: string][] = [];
    if (seen.has(edge.id)) problems.push(["duplicate_edge", "id", `Connection id '${edge.id}' is used twice`]);
    seen.add(edge.id);
    for (const [field, id] of [
      ["from", edge.from],
      ["to", edge.to],
    ] as const) {
      if (!Object.hasOwn(definition.nodes, id)) {
        problems.push(["dangling_edge", field, `Connection '${edge.id}' names the missing node '${id}'`]);
      }
    }
    const from = nodes.get(edge.from);
    const to = nodes.get(edge.to);
    if (from && !hasOutput(from, edge.fromPort)) {
      const message = `Node '${edge.from}' has no output port '${edge.fromPort}'; it has ${listed(outputsOf(from))}`;
      problems.push(["unknown_port", "fromPort", message]);
    }
    if (to && !to.ports.inputs.includes(edge.toPort)) {
      const message = `Node '${edge.to}' has no input port '${edge.toPort}'; it has ${listed(to.ports.inputs)}`;
      problems.push(["unknown_port", "toPort", message]);
    }
    for (const [code, field, message] of problems) {
      findings.push({ severity: "error", code, message, edgeId: edge.id, path: `edges.${index}.${field}` });
    }
    if (problems.length === 0 && from && to) good.push(edge);
  });
  return good;
};

const outputsOf = ({ ports, type }: ProgramNode): readonly string[] =>
  type.kind === "trigger" ? ports.outputs : [...ports.outputs, ERROR_PORT];

const hasOutput = (node: ProgramNode, port: string): boolean =>
  node.ports.anyOutput === true || outputsOf(node).includes(port);

const listed = (ports: readonly string[]): string =>
  ports.length === 0 ? "none" : ports.map((port) => `'${port}'`).join(", ");

const connect = (
  nodes: ReadonlyMap<string, ProgramNode>,
  edges: readonly EdgeDefinition[],
): Map<string, ProgramNode> => {
  const targets = new Map<string, Map<string, string[]>>();
  const sources = new Map<string, Set<string>>();
  for (const edge of edges) {
    const ports = targets.get(edge.from) ?? new Map<string, string[]>();
    targets.set(edge.from, ports);
    ports.set(edge.fromPort, [...(ports.get(edge.fromPort) ?? []), edge.to]);
    sources.set(edge.to, (sources.get(edge.to) ?? new Set()).add(edge.from));
  }
  const connected = new Map<string, ProgramNode>();
  for (const [id, node] of nodes) {
    connected.set(id, { ...node, targets: targets.get(id) ?? new Map(), sources: [...(sources.get(id) ?? [])] });
  }
  return connected;
};
