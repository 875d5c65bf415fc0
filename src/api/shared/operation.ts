// A route and its entry in an OpenAPI document, from one description: who may call it, what it takes, what it answers.
import { OpenAPIHono, type RouteConfig, type z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { ApiContext, AppEnv } from "./api.ts";
import { authenticate } from "./authenticate.ts";
import { inTurn } from "./in-turn.ts";
import { type AlsoJudge, parseBody, parseQuery } from "./parse.ts";
import { countRequest } from "./rate-limit.ts";

type Schema = z.ZodType | undefined;
type Parsed<S extends Schema> = S extends z.ZodType ? z.output<S> : undefined;

export type Operation<Body extends Schema, Query extends Schema> = {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** With `{name}` for parameters. */
  path: string;
  summary: string;
  tag: string;
  /** No credentials are asked for or looked at. */
  public?: true;
  /** Sets `c.var.context` or throws, for an operation whose callers are known by something else than those of its API. */
  identify?: MiddlewareHandler<AppEnv>;
  /** Good answers are text/event-stream; the schema is of one event. */
  streams?: true;
  /** It changes nothing, though it has a body: whoever may read may ask. */
  isRead?: true;
  body?: Body;
  /** What the handler reads by itself, byte by byte; only the document says it. */
  sent?: z.ZodType;
  /** Of a body that the schema refuses: what else is wrong with it that no schema knows, so that its sender hears of all at once. */
  alsoJudge?: AlsoJudge;
  query?: Query;
  /** Request headers worth knowing, with what they do. */
  headers?: Record<string, string>;
  /** Schemas of good answers by status. */
  answers: Record<number, z.ZodType>;
  /** Statuses that an error may have. */
  errors: readonly number[];
  /** Limit of the body in bytes, when it is not the usual one. */
  maxBytes?: number;
  /** Its verb minds the Idempotency-Key by itself. */
  isIdempotent?: true;
  /**
   * Calls a minute of an organisation, whoever of it calls: where they are fewer than those of all operations together, since each makes us
   * compute.
   */
  perMinute?: number;
  /** It computes for long: an organisation's go one after the other. */
  computes?: true;
};

/** What an API does around each of its operations: limits, answers that are given again. */
export type Around = (
  c: ApiContext,
  operation: Omit<Operation<Schema, Schema>, "alsoJudge">,
  body: unknown,
  answer: () => Response | Promise<Response>,
) => Response | Promise<Response>;

type NameIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | NameIn<Rest> : never;

type Given<Body extends Schema, Query extends Schema, Path extends string> = {
  body: Parsed<Body>;
  query: Parsed<Query>;
  /** What the path names. */
  params: Record<NameIn<Path>, string>;
};

const json = (schema: z.ZodType) => ({ "application/json": { schema } });

/** Its headers take the place of those of all operations together. */
export const countOperation = (c: ApiContext, method: string, path: string, perMinute: number): Promise<void> =>
  countRequest(c, `operation:${method} ${path}:${c.var.context.principal.organizationId}`, perMinute, 60_000);

/** What clients that are generated call it, e.g. `postWorkflowsByIdExecute` for POST /api/v2/workflows/{id}/execute. */
const operationIdOf = (method: string, path: string): string => {
  const words = path.replace(/^\/api\/v\d+(?=\/)/, "").split(/[^A-Za-z0-9{]+/);
  const named = words.map((word) => (word.startsWith("{") ? `By${capitalized(word.slice(1))}` : capitalized(word)));
  return method + named.join("");
};

const capitalized = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);

const routeOf = (operation: Operation<Schema, Schema>, errorAnswer: z.ZodType): RouteConfig => ({
  method: operation.method,
  path: operation.path,
  operationId: operationIdOf(operation.method, operation.path),
  summary: operation.summary,
  tags: [operation.tag],
  ...(operation.public ? {} : { security: [{ bearer: [] }] }),
  parameters: [
    ...[...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name: name!,
      in: "path" as const,
      required: true,
      schema: { type: "string" as const },
    })),
    ...Object.entries(operation.headers ?? {}).map(([name, description]) => ({
      name,
      in: "header" as const,
      required: false,
      description,
      schema: { type: "string" as const },
    })),
  ],
  request: {
    ...(operation.query && { query: operation.query as never }),
    ...((operation.body ?? operation.sent) && { body: { content: json((operation.body ?? operation.sent)!) } }),
  },
  responses: {
    ...Object.fromEntries(
      Object.entries(operation.answers).map(([status, schema]) => [
        status,
        {
          description: operation.summary,
          content: operation.streams ? { "text/event-stream": { schema } } : json(schema),
        },
      ]),
    ),
    ...Object.fromEntries(
      operation.errors.map((status) => [status, { description: "Error", content: json(errorAnswer) }]),
    ),
  },
});

/** Routes that describe themselves. Handlers get what was sent as their schemas made it. `identified` sets `c.var.context` or throws. */
export const operations = (
  errorAnswer: z.ZodType,
  identified: MiddlewareHandler<AppEnv> = authenticate({ organization: "optional" }),
  around: Around = (_c, _operation, _body, answer) => answer(),
) => {
  const routes = new OpenAPIHono<AppEnv>();
  routes.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });

  const operation = <const Path extends string, Body extends Schema = undefined, Query extends Schema = undefined>(
    description: Operation<Body, Query> & { path: Path },
    handle: (c: ApiContext, given: Given<Body, Query, Path>) => Response | Promise<Response>,
  ): void => {
    routes.openAPIRegistry.registerPath(routeOf(description, errorAnswer));
    const path = description.path.replaceAll(/\{(\w+)\}/g, ":$1");
    routes.on(description.method.toUpperCase(), path, async (c) => {
      if (!description.public) await (description.identify ?? identified)(c, async () => {});
      const query = description.query && parseQuery(c, description.query);
      const body = description.body && (await parseBody(c, description.body, description));
      const given = { body, query, params: c.req.param() } as Given<Body, Query, Path>;
      const { method, perMinute, computes } = description;
      if (perMinute !== undefined) await countOperation(c, method, description.path, perMinute);
      return around(c, description, body, () =>
        computes ? inTurn(c, async () => handle(c, given)) : handle(c, given),
      );
    });
  };
  return { routes, operation };
};
