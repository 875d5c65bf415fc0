// What is one organisation's own is taken out of a blueprint before anybody else can read it: credentials, addresses of people and machines, ids of
// channels, contacts, templates and workflows become variables that whoever uses it must fill; what cannot is refused. Pure.
import type { Finding } from "../../engine/contract.ts";
import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import type { FieldProblem } from "../errors.ts";
import type { DataEdge, DataNode, WorkflowData } from "../workflow/enhanced/workflow-data.ts";
import type { BlueprintContent } from "./blueprint.ts";
import { placeOf, textsIn, withoutPlaces } from "./fill.ts";
import { isOnlyReferences, type Rule, ruleOf } from "./owned-fields.ts";
import { apart, credentialIn, isSecretName, type Suspicion, suspicionsIn } from "./suspicious.ts";
import { type BlueprintVariable, misfitOf, type VariableType } from "./variables.ts";

export type Cleansed = {
  content: BlueprintContent;
  variables: BlueprintVariable[];
  /** Of everything that was taken out. */
  warnings: Finding[];
  /** What can be neither kept nor made a variable. */
  problems: FieldProblem[];
};

type Place = { path: readonly string[]; node?: DataNode | undefined };

const TYPE_OF: Record<Suspicion["kind"], VariableType> = {
  credential: "string",
  id: "string",
  email: "email",
  phone: "phone",
  url: "url",
};

const nameFrom = (words: readonly string[]): string => {
  const name = words
    .join("_")
    .replace(/\W+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 50);
  return /^[A-Za-z]/.test(name) ? name : `value_${name}`.replace(/_+$/, "");
};

const typeOf = (value: Json): VariableType => {
  if (Array.isArray(value)) return "array";
  if (isJsonObject(value)) return "object";
  return typeof value === "number" ? "number" : typeof value === "boolean" ? "boolean" : "string";
};

type Terms = { secrets: readonly string[]; keepsOwn: boolean };

class Cleansing {
  readonly variables: BlueprintVariable[];
  readonly warnings: Finding[] = [];
  readonly problems: FieldProblem[] = [];
  readonly #nodeIds: ReadonlySet<string>;
  /** Values that are secret wherever they stand. */
  readonly #secrets: readonly string[];
  readonly #keepsOwn: boolean;
  readonly #named = new Map<string, string>();
  /** Names of those that were made here, or before, with what was the author's own as their default. */
  readonly #owned: Set<string>;

  constructor(variables: readonly BlueprintVariable[], { workflowData, owned = [] }: BlueprintContent, terms: Terms) {
    this.#nodeIds = new Set(workflowData.nodes.map(({ id }) => id));
    this.#secrets = terms.secrets;
    this.#keepsOwn = terms.keepsOwn;
    this.#owned = new Set(terms.keepsOwn ? owned : []);
    this.variables = variables.map((one, index) => {
      if (terms.keepsOwn || one.defaultValue === undefined || !owned.includes(one.name)) return one;
      const message = `What '${one.name}' stood for was its author's own; whoever uses the template fills it`;
      const path = `requiredVariables.${index}.defaultValue`;
      this.warnings.push({ severity: "warning", code: "left_out", message, path });
      return withoutDefault(one);
    });
  }

  get owned(): string[] {
    return this.variables.flatMap(({ name }) => (this.#owned.has(name) ? [name] : []));
  }

  /** The place that stands for a value from now on; the same for the same value. */
  #variableFor(value: Json, type: VariableType, { path, node }: Place, what: string, isSecret: boolean): string {
    const key = JSON.stringify([type, value]);
    const known = this.#named.get(key);
    if (known === undefined && this.#named.size === MOST_MADE) {
      if (!this.problems.some(({ code }) => code === "holds_too_much"))
        this.problems.push({
          field: path.join("."),
          message: `More than ${MOST_MADE} values in it look like its author's own.`,
          code: "holds_too_much",
        });
      return "";
    }
    const name = known ?? this.#freeName(path, node);
    const isKept = this.#keepsOwn && !isSecret && !this.#holdsSecret(value) && misfitOf(type, value) === undefined;
    if (isSecret && this.#owned.delete(name)) {
      const at = this.variables.findIndex((one) => one.name === name);
      this.variables[at] = withoutDefault(this.variables[at]!);
    }
    if (known === undefined) {
      this.#named.set(key, name);
      const where = node?.data?.label ?? node?.id;
      const description = `${what}${where === undefined ? "" : ` of '${this.#told(where)}'`}, which was the author's own`;
      this.variables.push({ name, type, required: true, ...(isKept && { defaultValue: value }), description });
      if (isKept) this.#owned.add(name);
    }
    this.warnings.push({
      severity: "warning",
      code: "made_a_variable",
      message: this.#owned.has(name)
        ? `${what} is what ${placeOf(name)} stands for, as long as nobody says otherwise`
        : `${what} was taken out; whoever uses the template fills ${placeOf(name)}`,
      path: path.join("."),
      ...(node && { nodeId: node.id }),
    });
    return placeOf(name);
  }

  #holdsSecret(value: Json): boolean {
    return [...textsIn(value)].some(({ text }) => this.#suspicionsOf(text).some(({ kind }) => SECRET_KINDS.has(kind)));
  }

  /** A label may itself hold what is taken out. */
  #told(label: string): string {
    return this.#suspicionsOf(label).length > 0 ? "a node" : label.slice(0, 80);
  }

  #freeName(path: readonly string[], node: DataNode | undefined): string {
    const last = path.filter((part) => !/^\d+$/.test(part)).at(-1) ?? "value";
    const id = node && /^[A-Za-z]\w{0,30}$/.test(node.id) ? node.id : node?.type.replace(/^(?:action|trigger)_/, "");
    const base = nameFrom(id === undefined ? [last] : [id, last]);
    const taken = new Set(this.variables.map(({ name }) => name));
    for (let n = 1; ; n++) {
      const name = n === 1 ? base : `${base}_${n}`;
      if (!taken.has(name)) return name;
    }
  }

  refuse(path: readonly string[], message: string): void {
    this.problems.push({ field: path.join("."), message, code: "holds_secret" });
  }

  /** Of what nothing can stand for: types, ids and ways of the drawing, which an editor may have made by chance. */
  checkId(text: string, path: readonly string[]): void {
    const found = suspicionsIn(withoutPlaces(text)).filter(({ kind }) => kind !== "id");
    if (found.length > 0) this.refuse(path, UNNAMEABLE);
  }

  /** Of names of fields. */
  checkName(text: string, path: readonly string[]): void {
    if (this.#suspicionsOf(withoutPlaces(text)).length > 0) this.refuse(path, UNNAMEABLE);
  }

  text(text: string, place: Place): string {
    const found = this.#suspicionsOf(text);
    if (found.length === 0) return text;
    if (place.node?.type === "action_code" && place.path.at(-1) === "code") {
      this.refuse(
        place.path,
        "The code holds what looks like a credential, an id or somebody's address; let it read a variable instead.",
      );
      return text;
    }
    let made = "";
    let at = 0;
    for (const { kind, from, to } of found) {
      const found = text.slice(from, to);
      made +=
        text.slice(at, from) + this.#variableFor(found, TYPE_OF[kind], place, WORDS[kind], SECRET_KINDS.has(kind));
      at = to;
    }
    return made + text.slice(at);
  }

  #suspicionsOf(text: string): Suspicion[] {
    const known: Suspicion[] = [];
    for (const secret of this.#secrets)
      for (let from = text.indexOf(secret); from !== -1; from = text.indexOf(secret, from + secret.length))
        known.push({ kind: "credential", from, to: from + secret.length });
    return apart([...known, ...suspicionsIn(text).filter(({ from, to }) => !this.#nodeIds.has(text.slice(from, to)))]);
  }

  /** The whole value becomes a variable, unless it only says where another is found. */
  whole(value: Json, place: Place, { what, type = typeOf(value), prefix, isSecret = false }: Rule): Json {
    if (value === null || value === "") return value;
    const kept = typeof value === "string" && isOnlyReferences(value, prefix);
    return kept ? this.text(value, place) : this.#variableFor(value, type, place, what, isSecret);
  }

  value(value: Json, place: Place): Json {
    if (typeof value === "string") return this.text(value, place);
    if (typeof value === "number")
      return Number.isInteger(value) && Math.abs(value) >= LEAST_ID
        ? this.whole(value, place, { what: "A long number" })
        : value;
    if (Array.isArray(value))
      return value.map((one, index) => this.value(one, { ...place, path: [...place.path, String(index)] }));
    return isJsonObject(value) ? this.object(value, place) : value;
  }

  object(value: JsonObject, place: Place): JsonObject {
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => {
        const at = { ...place, path: [...place.path, key] };
        this.checkName(key, at.path);
        const rule = ruleOf({ key, parent: value, at: at.path, type: place.node?.type });
        if (rule) return [key, this.whole(one, at, rule)];
        if (isSecretName(key) && typeof one !== "boolean")
          return [key, this.whole(one, at, { what: `The value of ${key}`, isSecret: true })];
        return [key, this.value(one, at)];
      }),
    );
  }
}

/** Suspicions of what opens something. */
const SECRET_KINDS: ReadonlySet<Suspicion["kind"]> = new Set(["credential", "url"]);

const withoutDefault = ({ defaultValue: _, ...variable }: BlueprintVariable): BlueprintVariable => variable;

/** Who needs more variables has written a list of people, no template. */
const MOST_MADE = 100;

/** A phone number or an id has more digits than what people count. */
const LEAST_ID = 1e8;

const UNNAMEABLE = "This name holds what looks like a credential, an id or somebody's address.";

const WORDS: Record<Suspicion["kind"], string> = {
  credential: "What looks like a credential",
  id: "What looks like an id or a number of its own",
  email: "An e-mail address",
  phone: "A phone number",
  url: "A URL with a key in it",
};

const cleanEdge = ({ id, source, target, sourceHandle, targetHandle }: DataEdge): DataEdge => ({
  ...(id !== undefined && { id }),
  source,
  target,
  ...(sourceHandle != null && { sourceHandle }),
  ...(targetHandle != null && { targetHandle }),
});

const cleanNode = (node: DataNode, index: number, cleansing: Cleansing): DataNode => {
  const path = ["workflowData", "nodes", String(index)];
  const { id, type, position, data = {} } = node;
  cleansing.checkId(id, [...path, "id"]);
  cleansing.checkId(type, [...path, "type"]);
  const { label, config } = data;
  return {
    id,
    type,
    ...(position && { position: { x: position.x, y: position.y } }),
    data: {
      ...(label !== undefined && { label: cleansing.text(label, { path: [...path, "data", "label"], node }) }),
      ...(isJsonObject(config) && { config: cleansing.object(config, { path: [...path, "data", "config"], node }) }),
    },
  };
};

const isAddress = (value: Json): boolean => typeof value === "string" && /^https?:\/\//i.test(value.trim());

/** Only what a workflow runs as and its places on the screen are kept: an editor's own fields may hold anything. */
const cleanData = (
  { nodes, edges, variables }: WorkflowData,
  cleansing: Cleansing,
  secretNames: ReadonlySet<string>,
): WorkflowData => ({
  nodes: nodes.map((node, index) => cleanNode(node, index, cleansing)),
  edges: edges.map((edge, index) => {
    const clean = cleanEdge(edge);
    for (const [field, text] of Object.entries(clean))
      cleansing.checkId(String(text), ["workflowData", "edges", String(index), field]);
    return clean;
  }),
  ...(variables && {
    variables: Object.fromEntries(
      Object.entries(variables).map(([name, value]) => {
        const place = { path: ["workflowData", "variables", name] };
        cleansing.checkName(name, place.path);
        return secretNames.has(name) || (isSecretName(name) && typeof value !== "boolean")
          ? [name, cleansing.whole(value, place, { what: `The value of the variable ${name}`, isSecret: true })]
          : [
              name,
              isAddress(value)
                ? cleansing.whole(value, place, { what: "A URL", type: "url" })
                : cleansing.value(value, place),
            ];
      }),
    ),
  }),
});

/** Shorter ones would be found in any text. */
const LEAST_SECRET = 6;

/**
 * `secretNames`: of variables whose values are shown to nobody. `keepsOwn`, while only its own organisation sees it: what was the author's own and
 * opens nothing is the default of the variable that stands for it; without, no such default is left.
 */
export const cleanse = (
  content: BlueprintContent,
  variables: readonly BlueprintVariable[],
  secretNames: readonly string[] = [],
  keepsOwn = false,
): Cleansed => {
  const given = content.workflowData.variables ?? {};
  const secrets = secretNames
    .flatMap((name) => [...textsIn(given[name])].map(({ text }) => text))
    .filter((text) => text.length >= LEAST_SECRET && withoutPlaces(text) === text);
  const cleansing = new Cleansing(variables, content, { secrets, keepsOwn });
  const workflowData = cleanData(content.workflowData, cleansing, new Set(secretNames));
  const triggerNode = { id: "trigger", type: content.triggerType ?? "" };
  cleansing.checkId(triggerNode.type, ["triggerType"]);
  const triggerConfig = cleansing.object(content.triggerConfig, { path: ["triggerConfig"], node: triggerNode });
  const triggers = content.triggers.map((trigger, index) => {
    const path = ["triggers", String(index)];
    const node = { id: `trigger_${index + 1}`, type: trigger.triggerType };
    return {
      ...trigger,
      name: suspicionsIn(trigger.name).length > 0 ? "Trigger" : trigger.name,
      config: cleansing.object(trigger.config, { path: [...path, "config"], node }),
    };
  });
  const { errorWorkflowId, ...settings } = content.settings;
  const { secrets: declared = [] } = content;
  for (const name of declared) cleansing.checkName(name, ["workflowData", "variables", name]);
  const dropped: Finding[] =
    errorWorkflowId === undefined || errorWorkflowId === ""
      ? []
      : [
          {
            severity: "warning",
            code: "left_out",
            message: "The workflow that runs on errors is the author's own and was left out",
            path: "settings.errorWorkflowId",
          },
        ];
  return {
    content: {
      workflowData,
      triggerType: content.triggerType,
      triggerConfig,
      settings,
      triggers,
      ...(declared.length > 0 && { secrets: declared }),
      ...(cleansing.owned.length > 0 && { owned: cleansing.owned }),
    },
    variables: cleansing.variables,
    warnings: [...cleansing.warnings, ...dropped],
    problems: [...cleansing.problems, ...variables.flatMap(toldSecrets)],
  };
};

/** What an author wrote for others to read, and should not have. */
const toldSecrets = (
  { name, type, defaultValue, description = "" }: BlueprintVariable,
  index: number,
): FieldProblem[] => {
  const at = `requiredVariables.${index}`;
  const isTold =
    defaultValue !== undefined &&
    ((isSecretName(name) && type === "string" && defaultValue !== "") ||
      [...textsIn(defaultValue)].some(({ text }) => credentialIn(text)));
  const message = "This looks like a credential, which everybody who sees the template could read.";
  return [
    ...(isTold ? [{ field: `${at}.defaultValue`, message, code: "holds_secret" }] : []),
    ...(credentialIn(description) ? [{ field: `${at}.description`, message, code: "holds_secret" }] : []),
  ];
};
