// The report of an import as a person reads it. Pure.
import type { ImportReport, Outcome, ReportEntry } from "../../domain/flow-import/report.ts";

const HEADINGS: Record<Outcome, string> = {
  mapped: "mapped, as it was",
  approximated: "approximated: nearly as it was",
  unsupported: "unsupported: left out, or without effect",
};

const lineOf = ({ path, name, type, became, reason }: ReportEntry): string =>
  [
    `  ${path}`,
    ...(name === "" ? [] : [`"${name}"`]),
    `(${type})`,
    ...(became.length > 0 ? [`-> ${became.join(", ")}`] : []),
    ...(reason === undefined ? [] : [`: ${reason}`]),
  ]
    .join(" ")
    .replace(" : ", ": ");

/** What was lost stands last, where the eye rests; parts that came over as they were are counted, and listed when `all`. */
export const writeReport = (report: ImportReport, { all = true }: { all?: boolean } = {}): string =>
  (["mapped", "approximated", "unsupported"] as const)
    .map((outcome) => {
      const entries = report[outcome];
      const heading = `${entries.length} ${HEADINGS[outcome]}`;
      return [heading, ...(all || outcome !== "mapped" ? entries.map(lineOf) : [])].join("\n");
    })
    .join("\n\n");
