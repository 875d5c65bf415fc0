// How a blueprint that comes with the product is written: its nodes and ways in short; their places on the screen follow from the ways.
import type { JsonObject } from "../../../lib/json.ts";
import type { EnhancedSettings, WorkflowData } from "../../workflow/enhanced/workflow-data.ts";
import { type Blueprint, BUILT_IN } from "../blueprint.ts";
import type { BlueprintVariable } from "../variables.ts";

type Nodes = { [id: string]: [type: string, label: string, config?: JsonObject] };
/** By `output` unless said. */
type Way = [source: string, target: string, port?: string];

export type Starter = Pick<Blueprint, "name" | "description" | "category" | "tags" | "variables"> & {
  /** Stable: workflows say that they were made from it. */
  id: string;
  settings?: EnhancedSettings;
  nodes: Nodes;
  ways: Way[];
};

/** Pixels from one node to the next: down by its distance from the start, and across. */
const ROW = 140;
const COLUMN = 300;
/** 2026-11-22, when they came. */
const MADE_AT = Date.UTC(2026, 10, 22);

/** In the evening and at night on the recipient's clock nothing leaves; it goes in the morning. */
export const QUIET_NIGHTS = { start: "21:00", end: "08:00" };

/** Whom messages reach: who has not opted out. The send gate would refuse them all the same; this keeps such a run from being a failure. */
export const REACHABLE: JsonObject = {
  conditions: [{ field: "contact.consent_state", operator: "not_in", value: ["OPT_OUT", "STOP"] }],
};

/** Advertising takes more than not having opted out: a tag that says that they asked for it. */
export const WANTS_ADVERTISING: JsonObject = {
  conditions: [
    { field: "contact.consent_state", operator: "not_in", value: ["OPT_OUT", "STOP"] },
    { field: "contact.tags", operator: "contains", value: "[[template.consent_tag]]" },
  ],
};

/** Of the awaited event: it is of the run's own contact. */
export const SAME_CONTACT: JsonObject = {
  operator: "and",
  conditions: [{ field: "contact.id", operator: "equals", value: "{{ contact.id }}" }],
};

export const FIRST_NAME = '{{ contact.attributes.first_name | default: contact.name | default: "there" }}';
/** At the end of a clause: a comma and their name, or nothing. */
export const BY_NAME =
  "{% assign their_name = contact.attributes.first_name | default: contact.name %}{% if their_name != blank %}, {{ their_name }}{% endif %}";

export const businessName: BlueprintVariable = {
  name: "business_name",
  type: "string",
  required: true,
  description: "Your name as customers know it",
};

export const consentTag: BlueprintVariable = {
  name: "consent_tag",
  type: "string",
  required: true,
  defaultValue: "marketing-opt-in",
  description: "Contacts with this tag have agreed to advertising (the double opt-in template gives it)",
};

const depths = (ids: readonly string[], ways: readonly Way[]): Map<string, number> => {
  const depth = new Map(ids.map((id) => [id, 0]));
  // Ways back (a question that is asked again) lead to a node that is there already; going round as often as there are nodes settles the rest.
  for (const _ of ids)
    for (const [source, target] of ways)
      if (ids.indexOf(source) < ids.indexOf(target))
        depth.set(target, Math.max(depth.get(target)!, depth.get(source)! + 1));
  return depth;
};

const draw = (nodes: Nodes, ways: readonly Way[]): WorkflowData => {
  const depth = depths(Object.keys(nodes), ways);
  const across = new Map<number, number>();
  return {
    nodes: Object.entries(nodes).map(([id, [type, label, config = {}]]) => {
      const row = depth.get(id)!;
      const column = across.get(row) ?? 0;
      across.set(row, column + 1);
      return { id, type, position: { x: column * COLUMN, y: row * ROW }, data: { label, config } };
    }),
    edges: ways.map(([source, target, port], index) => ({
      id: `way${index + 1}`,
      source,
      target,
      ...(port !== undefined && { sourceHandle: port }),
    })),
  };
};

export const starter = ({ settings = {}, nodes, ways, ...words }: Starter): Blueprint => ({
  ...words,
  organizationId: BUILT_IN,
  previewImage: null,
  isPublic: true,
  nodeCount: Object.keys(nodes).length,
  workflowId: null,
  createdBy: BUILT_IN,
  createdAt: MADE_AT,
  updatedAt: MADE_AT,
  content: { workflowData: draw(nodes, ways), triggerType: null, triggerConfig: {}, settings, triggers: [] },
});
