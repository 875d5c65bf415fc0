// Wire names that every part of this API shares, and ours. A part's own are in its folder.
import { DomainError } from "../../domain/errors.ts";
import { type Page, pageCount } from "../shared/page.ts";

export const timeOf = (ms: number): string => new Date(ms).toISOString();
export const timeOrNull = (ms: number | null): string | null => (ms === null ? null : timeOf(ms));

/** PaginationInfo of the document. */
export const toPagination = ({ page, size }: Page, total: number) => ({
  total,
  page,
  limit: size,
  totalPages: pageCount(total, size),
});

const NAMING: ReadonlySet<string> = new Set(["invalid_input", "payload_too_large"]);

/** Problems name what an execution is started with as it was sent. */
export const namedAs = async <T>(names: { variables: string; metadata: string }, work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    const isNamed = error instanceof DomainError && NAMING.has(error.code);
    if (!isNamed || error.problems.length === 0) throw error;
    const problems = error.problems.map((one) => ({
      ...one,
      field: one.field.replace(/^(variables|metadata)(?=\.|$)/, (name) => names[name as keyof typeof names]),
    }));
    const [first] = problems;
    throw new DomainError(error.code, `${first!.field}: ${first!.message}`, { problems, details: error.details });
  }
};

/** The half-open time between two instants, as a report names it. */
export const toPeriod = ({ from, to }: { from: number; to: number }) => ({
  startDate: timeOf(from),
  endDate: timeOf(to),
});
