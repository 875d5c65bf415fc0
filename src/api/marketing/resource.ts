// The full set of routes of what marketing workflows are made of: list, create, get, put, patch, delete. What is a part's own is in its folder.
import type { z } from "@hono/zod-openapi";
import type { Context } from "../../domain/context.ts";
import { typeProblems, type Warning } from "../../domain/marketing/check-part.ts";
import type { Part, PartKind } from "../../domain/marketing/part.ts";
import { deletePart, type PartChange, readPart, updatePart, type Written } from "../../domain/marketing/parts.ts";
import { own } from "../../lib/json.ts";
import { echoing } from "../shared/echoing.ts";
import { type Page, parsePage } from "../shared/page.ts";
import type { AlsoJudge } from "../shared/parse.ts";
import { toPage } from "./convert.ts";
import { ALWAYS, BASE, type marketingOperations } from "./operations.ts";
import { nothing, pageOf, warnings as warningList } from "./schema.ts";

type Resource<
  K extends PartKind,
  New extends z.ZodObject,
  Full extends z.ZodObject,
  Some extends z.ZodObject,
  Filter extends z.ZodType,
> = {
  kind: K;
  /** `triggers`, and what one is called. */
  path: string;
  name: string;
  tag: string;
  alsoJudge?: AlsoJudge;
  /** Bodies of post, put and patch. */
  created: New;
  full: Full;
  some: Some;
  filter: Filter;
  row: z.ZodObject;
  create: (context: Context, body: z.output<New>) => Promise<Written<K>>;
  /** What is not said stays, in a put as well: what it must say is its schema's. */
  fromChange: (body: z.output<Full> | z.output<Some>) => PartChange<K>;
  list: (context: Context, query: z.output<Filter>, page: Page) => Promise<{ rows: Part<K>[]; total: number }>;
  to: (part: Part<K>) => object;
};

/** Whether there is such a type is told beside whatever else is wrong. */
export const judgingType =
  (kind: "trigger" | "action"): AlsoJudge =>
  async (context, sent) => {
    const type = own(sent, `${kind}_type`);
    return typeof type === "string" ? typeProblems(context, kind, type) : [];
  };

/** What does not keep it from being saved is said beside it. */
export const withWarnings = (shown: object, warnings: Warning[]) =>
  warnings.length === 0 ? shown : { ...shown, warnings };

export const resource = <
  K extends PartKind,
  New extends z.ZodObject,
  Full extends z.ZodObject,
  Some extends z.ZodObject,
  Filter extends z.ZodType,
>(
  operation: ReturnType<typeof marketingOperations>["operation"],
  of: Resource<K, New, Full, Some, Filter>,
): void => {
  const { kind, path, name, tag } = of;
  const judged = of.alsoJudge && { alsoJudge: of.alsoJudge };
  const all = `${BASE}/${path}`;
  const one = `${all}/{id}` as const;
  const written = of.row.extend({ warnings: warningList });
  const bodies = {
    created: echoing(of.created, written),
    full: echoing(of.full, written),
    some: echoing(of.some, written),
  };

  operation(
    {
      method: "get",
      path: all,
      summary: `List ${path}`,
      tag,
      query: of.filter,
      answers: { 200: pageOf(of.row) },
      errors: [400, ...ALWAYS],
    },
    async (c, { query }) => {
      const page = parsePage(c, "page_size");
      const { rows, total } = await of.list(c.var.context, query as z.output<Filter>, page);
      return c.json(toPage(c, page, total, rows.map(of.to)));
    },
  );

  operation(
    {
      method: "post",
      path: all,
      summary: `Create ${name}`,
      tag,
      body: bodies.created,
      ...judged,
      answers: { 201: written },
      errors: [400, ...ALWAYS, 413],
    },
    async (c, { body }) => {
      const { part, warnings } = await of.create(c.var.context, body as z.output<New>);
      return c.json(withWarnings(of.to(part), warnings), 201);
    },
  );

  operation(
    { method: "get", path: one, summary: `Get ${name}`, tag, answers: { 200: of.row }, errors: [...ALWAYS, 404] },
    async (c, { params }) => c.json(of.to(await readPart(c.var.context, kind, params.id))),
  );

  const change = { ...judged, path: one, tag, answers: { 200: written }, errors: [400, ...ALWAYS, 404, 409, 413] };
  operation(
    { ...change, method: "put", summary: `Replace ${name}`, body: bodies.full },
    async (c, { body, params }) => {
      const { part, warnings } = await updatePart(
        c.var.context,
        kind,
        params.id,
        of.fromChange(body as z.output<Full>),
      );
      return c.json(withWarnings(of.to(part), warnings));
    },
  );
  operation(
    { ...change, method: "patch", summary: `Change ${name}`, body: bodies.some },
    async (c, { body, params }) => {
      const { part, warnings } = await updatePart(
        c.var.context,
        kind,
        params.id,
        of.fromChange(body as z.output<Some>),
      );
      return c.json(withWarnings(of.to(part), warnings));
    },
  );

  operation(
    {
      method: "delete",
      path: one,
      summary: `Delete ${name}`,
      tag,
      answers: { 204: nothing },
      errors: [...ALWAYS, 404, 409],
    },
    async (c, { params }) => {
      await deletePart(c.var.context, kind, params.id);
      return c.body(null, 204);
    },
  );
};
