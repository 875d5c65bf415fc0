// An API's OpenAPI document: made of what its routes say of themselves, when somebody first asks for it.
import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { AppEnv } from "./api.ts";

type Routes = OpenAPIHono<AppEnv>;
type Document = ReturnType<Routes["getOpenAPI31Document"]>;

export const documented = (info: Document["info"]): ((routes: Routes) => Document) => {
  let made: Document | undefined;
  return (routes) => {
    made ??= routes.getOpenAPI31Document({ openapi: "3.1.0", info });
    return made;
  };
};

/** The operation that answers with the document itself, to anybody. */
export const documentOperation = (path: string) =>
  ({
    method: "get",
    path,
    summary: "This document",
    tag: "Document",
    public: true,
    answers: { 200: z.looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) }) },
    errors: [],
  }) as const;
