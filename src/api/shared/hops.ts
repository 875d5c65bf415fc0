// How far in a chain of events a request stands that an event of ours has caused, when it came back to us: webhooks carry the header, who answers
// repeats it.
import { HOP_HEADER, hopsOf } from "../../lib/egress.ts";
import type { ApiContext } from "./api.ts";

export const depthOf = (c: ApiContext): { depth: number } => ({ depth: hopsOf(c.req.header(HOP_HEADER)) });
