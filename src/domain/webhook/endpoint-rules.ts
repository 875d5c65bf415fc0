// What the settings of an endpoint may be, and what is kept of them.
import type { WebhookRow } from "../../db/queries/webhooks.ts";
import type { Json } from "../../lib/json.ts";
import { DomainError, type FieldProblem } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { Transform } from "./endpoint.ts";
import { readFilters } from "./filter.ts";
import { ANY_ORIGIN } from "./origin-allowed.ts";

/** A field that is absent keeps its value. */
export type EndpointChange = {
  name?: string;
  description?: string;
  enabled?: boolean;
  allowedOrigins?: string[];
  /** Calls a minute. */
  rateLimit?: number;
  transform?: Transform | null;
  /** A condition tree, or a list of conditions that all hold; null: none. */
  filters?: Json;
};

export const MINUTE_SECONDS = 60;

/** As browsers write it. */
const originOf = (text: string): string | undefined => {
  if (text === ANY_ORIGIN) return text;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isBare = url.pathname === "/" && url.search === "" && url.hash === "" && url.username === "";
  return isBare && /^https?:$/.test(url.protocol) ? url.origin : undefined;
};

/** The columns of a change. Throws `invalid_input` that names every bad field: `allowedOrigins.1`, `filters.0.operator`, `transform.expression`. */
export const columnsOf = (
  { transform: transforms }: Pick<Ports, "transform">,
  { allowedOrigins, rateLimit, transform, filters, ...plain }: EndpointChange,
): Partial<WebhookRow> => {
  const problems: FieldProblem[] = [];
  const origins = allowedOrigins?.map(originOf);
  for (const [index, origin] of (origins ?? []).entries()) {
    if (origin !== undefined) continue;
    problems.push({
      field: `allowedOrigins.${index}`,
      message: "Must be an origin such as https://shop.example.com, without a path, or * for all.",
    });
  }
  const read = filters === undefined ? undefined : readFilters(filters, "filters");
  if (read && !read.ok) problems.push(...read.problems);
  const fault = transform ? transforms.check(transform.expression) : undefined;
  if (fault) {
    const at = fault.position === undefined ? "" : ` (at character ${fault.position})`;
    problems.push({ field: "transform.expression", message: `${fault.message}${at}`, code: fault.code });
  }
  const [first] = problems;
  if (first) throw new DomainError("invalid_input", `${first.field}: ${first.message}`, { problems });
  return {
    ...plain,
    ...(origins && { allowedOrigins: [...new Set(origins as string[])] }),
    ...(rateLimit !== undefined && { rateLimitMax: rateLimit, rateLimitWindow: MINUTE_SECONDS }),
    ...(transform !== undefined && { transform }),
    ...(read?.ok && { filters: read.value }),
  };
};
