// What became of each part of a flow that came from elsewhere: one entry a finding, in the list of how well it came over. Judges nothing itself.

/** How a part came over: as it was; nearly so, the reason says in what it differs; or not at all. */
export type Outcome = "mapped" | "approximated" | "unsupported";

export type ReportEntry = {
  /** Dotted path in the source document, e.g. `states.3.properties.body`. */
  path: string;
  /** What the source calls the part: a widget's name, a group's title. */
  name: string;
  /** Its type in the source, e.g. `send-message`, `choice input`. */
  type: string;
  /** The node types that stand for it now; empty when nothing does. */
  became: string[];
  /** Those nodes in the imported flow. */
  nodeIds: string[];
  /** Why it is not the same, for approximated and unsupported parts. */
  reason?: string;
};

export type ImportReport = Record<Outcome, ReportEntry[]>;

export type Part = {
  readonly path: string;
  /** A node of the flow that stands for this part. */
  became(nodeType: string, nodeId: string): void;
  /** Something about this part that did not come over as it was; `field` is below the part's path. */
  note(outcome: Exclude<Outcome, "mapped">, reason: string, field?: string): void;
};

/** Why a node did not come into the flow. */
export type Missing = { outcome: Exclude<Outcome, "mapped">; reason: string };

type Finding = { outcome: Exclude<Outcome, "mapped">; reason: string; path: string };

export const startReport = () => {
  const parts: { path: string; name: string; type: string; types: string[]; nodeIds: string[]; findings: Finding[] }[] =
    [];

  return {
    part(path: string, name: string, type: string): Part {
      const part = { path, name, type, types: [] as string[], nodeIds: [] as string[], findings: [] as Finding[] };
      parts.push(part);
      const told = new Set<string>();
      return {
        path,
        became(nodeType, nodeId) {
          if (!part.types.includes(nodeType)) part.types.push(nodeType);
          if (!part.nodeIds.includes(nodeId)) part.nodeIds.push(nodeId);
        },
        note(outcome, reason, field) {
          const at = field ? `${path}.${field}` : path;
          const finding = JSON.stringify([at, reason]);
          if (told.has(finding)) return;
          told.add(finding);
          part.findings.push({ outcome, reason, path: at });
        },
      };
    },

    /** The lists; `missing` are nodes that did not come into the flow, each with the finding that says why. */
    finish(missing: ReadonlyMap<string, Missing>): ImportReport {
      const report: ImportReport = { mapped: [], approximated: [], unsupported: [] };
      for (const { path, name, type, types, nodeIds, findings } of parts) {
        const kept = nodeIds.filter((id) => !missing.has(id));
        const lost = nodeIds.filter((id) => missing.has(id)).map((id) => missing.get(id)!);
        const entry = { name, type, became: kept.length ? types : [], nodeIds: kept };
        const all = kept.length || !lost.length ? findings : [...findings, { ...lost[0]!, path }];
        for (const finding of all)
          report[finding.outcome].push({ path: finding.path, ...entry, reason: finding.reason });
        if (!all.length) report.mapped.push({ path, ...entry });
      }
      return report;
    },
  };
};

export type Report = ReturnType<typeof startReport>;
