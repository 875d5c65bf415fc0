// The tags by which a list is asked for, in whichever of the usual ways they were sent.
import { z } from "@hono/zod-openapi";
import type { ApiContext } from "../shared/api.ts";
import { parse } from "../shared/parse.ts";

const schema = z.object({ tags: z.array(z.string().max(50)).max(20, "Must have at most 20 tags.") });

/** `tags=a&tags=b`, `tags=a,b` and `tags[]=a`, which takes a comma as it is. Throws `invalid_input`. */
export const tagsOf = (c: ApiContext): string[] => {
  const listed = (c.req.queries("tags") ?? []).flatMap((one) => one.split(","));
  const tags = [...listed, ...(c.req.queries("tags[]") ?? [])].map((one) => one.trim());
  return parse(schema, { tags: [...new Set(tags)].filter((one) => one !== "") }).tags;
};
