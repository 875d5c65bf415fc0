// Nodes whose output somebody says: they are left with it at once, whatever they would have done.
import type { NodeType } from "../../../engine/contract.ts";
import { Program, type ProgramNode } from "../../../engine/program.ts";
import type { RunState } from "../../../engine/state.ts";
import type { Json, JsonObject } from "../../../lib/json.ts";
import { DomainError, type FieldProblem } from "../../errors.ts";

/** What begins, joins, repeats or ends branches has no output of its own to be said. */
const GIVABLE: ReadonlySet<NodeType["kind"]> = new Set(["action", "data", "condition"]);

/** Throws `invalid_input` for nodes that there are not, and for those whose output cannot be said. */
export const checkGiven = (program: Program, outputs: JsonObject): void => {
  const problems = Object.entries(outputs).flatMap(([id, output]): FieldProblem[] => {
    const field = `overrides.outputs.${id}`;
    const node = program.nodes.get(id);
    if (!node) return [{ field, message: "There is no such node.", code: "unknown_node" }];
    if (!GIVABLE.has(node.type.kind)) {
      const message = `What a node of the kind ${node.type.kind} puts out cannot be said.`;
      return [{ field, message, code: "not_givable" }];
    }
    if (portOf(node, output) === undefined) {
      const message = `Must be one of its ports: ${node.ports.outputs.join(", ")}.`;
      return [{ field, message, code: "invalid_choice" }];
    }
    return [];
  });
  const [first] = problems;
  if (first) throw new DomainError("invalid_input", `${first.field}: ${first.message}`, { problems });
};

/** Of a node that chooses between ports, the name of one is that choice; a condition puts out nothing else. */
const portOf = ({ type, ports }: ProgramNode, output: Json): string | undefined => {
  if (ports.outputs.includes("output")) return "output";
  const named = ports.outputs.find((port) => port === output);
  return named ?? (type.kind === "condition" ? undefined : ports.outputs[0]);
};

export const withGivenOutputs = (program: Program, outputs: JsonObject): Program => {
  if (Object.keys(outputs).length === 0) return program;
  const nodes = new Map(
    [...program.nodes].map(([id, node]) => [id, Object.hasOwn(outputs, id) ? given(node, outputs[id]!) : node]),
  );
  return new Program(nodes, program.variables, program.settings, program.worstCaseMs);
};

const given = (node: ProgramNode, said: Json): ProgramNode => {
  const port = portOf(node, said)!;
  const output = said === port && port !== "output" ? { port, result: port === "true" } : said;
  const leave: NodeType["enter"] = () => ({
    kind: "next",
    port,
    output,
    logs: ["Given: it was said what comes of this node"],
  });
  return { ...node, type: { ...node.type, enter: leave, resume: leave } };
};

/** Visits that were made before, or are under way: the last of each node shows what is said, what waits goes on at once. Changes `state`. */
export const giveToState = (state: RunState, outputs: JsonObject, now: number): void => {
  for (const [id, output] of Object.entries(outputs)) {
    const visit = state.visits.get(state.nodes.get(id)?.last ?? -1);
    if (visit?.status === "completed" || visit?.status === "failed") state.visits.set(visit.n, { ...visit, output });
    for (const token of state.tokens.values()) {
      if (token.node !== id || (token.phase !== "waiting" && token.phase !== "retrying")) continue;
      state.tokens.set(token.id, { ...token, wakeAt: now });
    }
  }
};
