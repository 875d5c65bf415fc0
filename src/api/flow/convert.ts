// The only place where this API's names meet ours: a flow as it is answered.
import type { FlowFinding } from "../../domain/flow/check-flow.ts";
import type { FlowRecord } from "../../domain/flow/record.ts";
import { statusWord } from "../../domain/flow/status-word.ts";
import type { FlowData } from "./schema.ts";

const instant = (ms: number): string => new Date(ms).toISOString();

/** The document as it was sent, and what is known of it beside. */
export const flowOf = ({ content, ...flow }: FlowRecord): FlowData => ({
  id: flow.id,
  name: content.name,
  created: instant(flow.createdAt),
  flowNodes: content.flowNodes,
  flowEdges: content.flowEdges,
  lastUpdated: instant(flow.contentUpdatedAt),
  ...(content.transform === undefined ? {} : { transform: content.transform }),
  isPro: content.isPro ?? false,
  status: statusWord(flow.status),
  brand_id: flow.brandId,
  user_id: Number(flow.userId),
  created_at: instant(flow.createdAt),
  updated_at: instant(flow.updatedAt),
});

/** `entries`: by node id; null for a flow that was never published. */
export const detailOf = (flow: FlowRecord, entries: ReadonlyMap<string, number> | null): FlowData => {
  const shown = flowOf(flow);
  if (!entries) return shown;
  const flowNodes = shown.flowNodes.map((node) => ({ ...node, transactionCount: entries.get(node.id) ?? 0 }));
  return { ...shown, flowNodes };
};

/** What does not keep a flow from being published and is worth knowing. */
export const withWarnings = (flow: FlowData, warnings: readonly FlowFinding[]): FlowData =>
  warnings.length === 0 ? flow : { ...flow, warnings: [...warnings] };
