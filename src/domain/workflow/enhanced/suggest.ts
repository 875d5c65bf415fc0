// What would make a workflow better though nothing is wrong with it: each suggestion with the node it is about and the reason. Pure.
import type { Definition, DefinitionSettings, EdgeDefinition } from "../../../engine/contract.ts";
import { ERROR_PORT } from "../../../engine/contract.ts";
import { compileValue, referencesOf } from "../../../engine/expression/value.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { typesThat } from "../../../nodes/index.ts";
import type { NodeTimes } from "./estimate-performance.ts";

export type Suggestion = {
  severity: "suggestion";
  code: string;
  /** What to do, and why. */
  message: string;
  nodeId?: string;
  /** Inside the definition, as findings have it. */
  path: string;
  /** Of a run's time, ms, by the means that were measured. */
  savesMs?: number;
};

type Known = {
  times: NodeTimes;
  /** The organisation has quiet hours for all of its messages. */
  hasQuietHours: boolean;
};

type Drawn = Definition & { settings: DefinitionSettings; out: ReadonlyMap<string, readonly EdgeDefinition[]> };
type Rule = (drawn: Drawn, known: Known) => Suggestion[];

const MESSAGES = typesThat(({ writes }) => writes === "chat");
const FALLIBLE: ReadonlySet<string> = new Set(["action_webhook", "action_subworkflow", "action_code"]);
/** What several may do at the same time: nobody sees in which order they were done. */
const INDEPENDENT: ReadonlySet<string> = new Set(["action_webhook", "action_add_note", "action_code", "action_email"]);
/** So many in a row are worth a fork. */
const LEAST_CHAIN = 3;
/** Measured visits from which a failure rate says something, and the rate in percent. */
const LEAST_SAMPLES = 20;
const OFTEN_FAILS = 20;

const suggestion = (code: string, nodeId: string, field: string, message: string): Suggestion => ({
  severity: "suggestion",
  code,
  message,
  nodeId,
  path: `nodes.${nodeId}${field && `.${field}`}`,
});

const nodesOf = ({ nodes }: Definition, is: (type: string, config: JsonObject) => boolean) =>
  Object.entries(nodes).filter(([, { type, config }]) => is(type, config));

const withoutRetry: Rule = (drawn) =>
  drawn.settings.retry
    ? []
    : nodesOf(drawn, (type, { retry }) => type === "action_webhook" && retry === undefined).map(([id]) =>
        suggestion(
          "webhook_without_retry",
          id,
          "config.retry",
          `Give '${id}' a retry, or the workflow one in its settings: a target that answers 429 or 5xx for a moment fails the run at once`,
        ),
      );

const withoutErrorPath: Rule = ({ nodes, out, settings }) =>
  Object.entries(nodes).flatMap(([id, { type, config }]) => {
    const isCaught =
      config.on_error !== undefined || (out.get(id) ?? []).some(({ fromPort }) => fromPort === ERROR_PORT);
    if (!FALLIBLE.has(type) || isCaught || settings.errorWorkflowId !== undefined) return [];
    const message = `Connect the port 'error' of '${id}', or name an error workflow in the settings: a failure there ends the run and nobody hears of it`;
    return [suggestion("no_error_path", id, "", message)];
  });

const withoutQuietHours: Rule = (drawn, { hasQuietHours }) =>
  drawn.settings.quietHours || hasQuietHours
    ? []
    : nodesOf(drawn, (type) => MESSAGES.has(type))
        .slice(0, 1)
        .map(([id]) =>
          suggestion(
            "message_without_quiet_hours",
            id,
            "",
            `Set quiet hours in the settings: neither this workflow nor the organization has any, so '${id}' may write to people at night`,
          ),
        );

const withoutTimeout: Rule = (drawn) =>
  nodesOf(
    drawn,
    (type, { timeout }) => (type === "action_question" || type === "action_wait_for_event") && timeout === undefined,
  ).map(([id, { type }]) =>
    type === "action_question"
      ? suggestion(
          "question_without_timeout",
          id,
          "config.timeout",
          `Say how long '${id}' waits for its answer: without a timeout it keeps the contact's next reply for 24 hours`,
        )
      : suggestion(
          "wait_without_timeout",
          id,
          "config.timeout",
          `Give '${id}' a timeout: if the event never comes, the run waits for ever`,
        ),
  );

const withoutTrigger: Rule = ({ nodes }) =>
  Object.keys(nodes).length > 0 && !Object.values(nodes).some(({ type }) => type.startsWith("trigger_"))
    ? [
        {
          severity: "suggestion",
          code: "no_trigger",
          message: "Add a trigger: nothing but a person or the API starts this workflow",
          path: "nodes",
        },
      ]
    : [];

const SECRET_HEADER = /^(authorization|proxy-authorization|x-api-key|api-key|x-auth-token)$/i;

const literalSecret: Rule = (drawn) =>
  nodesOf(drawn, (type) => type === "action_webhook").flatMap(([id, { config }]) => {
    const headers = typeof config.headers === "object" && config.headers !== null ? Object.entries(config.headers) : [];
    const [found] = headers.filter(
      ([name, value]) => SECRET_HEADER.test(name) && typeof value === "string" && !value.includes("{{"),
    );
    if (!found) return [];
    const message = `Put the value of '${found[0]}' of '${id}' into a secret variable: here everybody who sees the workflow reads it`;
    return [suggestion("secret_in_config", id, `config.headers.${found[0]}`, message)];
  });

const readsOf = (config: JsonObject): string[][] => {
  const compiled = compileValue(config);
  return compiled.ok ? referencesOf(compiled.value) : [];
};

/** Up to where the path begins. */
const HOST = /^\s*(?:https?:\/\/)?(?:\{\{[^}]*\}\}|[^/?#{])*/i;

/** Who starts a run may give it variables: those must not say where a secret goes. A URL that is a secret itself is its own. */
const secretToAnyHost: Rule = (drawn) => {
  const secrets = new Set(drawn.settings.secrets);
  const isSecret = ([root, name]: string[]) => secrets.has((root === "variables" ? name : root) ?? "");
  return nodesOf(drawn, (type) => type === "action_webhook").flatMap(([id, { config }]) => {
    const host = readsOf({ host: HOST.exec(String(config.url))![0] });
    if (host.every(isSecret) || !readsOf(config).some(isSecret)) return [];
    const message = `Write out the host that '${id}' calls: whoever starts the workflow, or sends its event, may say what it is made of, and is sent the secret`;
    return [suggestion("secret_to_any_host", id, "config.url", message)];
  });
};

const callInLoop: Rule = ({ nodes, out }) =>
  Object.entries(nodes).flatMap(([id, { type }]) => {
    if (type !== "loop_foreach") return [];
    const [body] = (out.get(id) ?? []).filter(({ fromPort }) => fromPort === "body");
    if (!body || nodes[body.to]?.type !== "action_webhook") return [];
    const message = `'${body.to}' is called once for each item of '${id}', one after the other; if its target takes lists, send them at once`;
    return [suggestion("call_in_loop", body.to, "", message)];
  });

const oftenFails: Rule = ({ nodes }, { times }) =>
  Object.entries(nodes).flatMap(([id, { type, config }]) => {
    const time = times.get(type);
    if (!FALLIBLE.has(type) || config.on_error !== undefined || !time || time.runs < LEAST_SAMPLES) return [];
    const rate = Math.round((time.failed / time.runs) * 100);
    if (rate < OFTEN_FAILS) return [];
    return [
      suggestion(
        "often_fails",
        id,
        "",
        `${rate}% of the last ${time.runs} visits of ${type} failed here; say what '${id}' does then (on_error)`,
      ),
    ];
  });

/** Actions in a row of which none reads what those before it put out. */
const inSequence: Rule = (drawn, { times }) => {
  const { nodes, edges, out } = drawn;
  const sources = new Map<string, number>();
  for (const { to } of edges) sources.set(to, (sources.get(to) ?? 0) + 1);
  const isLink = (id: string) => INDEPENDENT.has(nodes[id]?.type ?? "");
  const after = (id: string): string | undefined => {
    const ways = out.get(id) ?? [];
    const target = ways.length === 1 && ways[0]!.fromPort === "output" ? ways[0]!.to : undefined;
    return target !== undefined && isLink(target) && sources.get(target) === 1 ? target : undefined;
  };
  const inner = new Set(Object.keys(nodes).flatMap((id) => (isLink(id) ? (after(id) ?? []) : [])));
  return Object.keys(nodes).flatMap((first) => {
    if (!isLink(first) || inner.has(first)) return [];
    const links = new Set([first]);
    for (let next = after(first); next !== undefined && !links.has(next); next = after(next)) links.add(next);
    if (links.size < LEAST_CHAIN) return [];
    const chain = [...links];
    const isBound = chain.some((id) =>
      readsOf(nodes[id]!.config).some(([root, name]) => root === "nodes" && links.has(name ?? "")),
    );
    if (isBound) return [];
    const took = chain.map((id) => times.get(nodes[id]!.type)?.meanMs ?? 0);
    const savesMs = Math.round(took.reduce((sum, ms) => sum + ms, 0) - Math.max(...took));
    const named = chain
      .slice(0, 5)
      .map((id) => `'${id}'`)
      .join(", ");
    const message = `${named} run one after the other and none reads what another puts out; behind flow_parallel they run at the same time`;
    return [{ ...suggestion("sequential_chain", first, "", message), ...(savesMs > 0 && { savesMs }) }];
  });
};

const RULES: readonly Rule[] = [
  ...[withoutTrigger, withoutRetry, withoutErrorPath, withoutQuietHours, withoutTimeout],
  ...[inSequence, callInLoop, literalSecret, secretToAnyHost, oftenFails],
];

/** Nobody reads more of them. */
const MAX_SUGGESTIONS = 100;

export const suggestionsOf = (definition: Definition, known: Known): Suggestion[] => {
  const out = new Map<string, EdgeDefinition[]>();
  for (const edge of definition.edges) out.set(edge.from, [...(out.get(edge.from) ?? []), edge]);
  const drawn = { ...definition, settings: definition.settings ?? {}, out };
  return RULES.flatMap((rule) => rule(drawn, known)).slice(0, MAX_SUGGESTIONS);
};
