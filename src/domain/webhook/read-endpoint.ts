// One endpoint, with what it has counted up to now.
import type { Context } from "../context.ts";
import { type Endpoint, endpointOfRow, openEndpoint } from "./endpoint.ts";
import { withLiveCounts } from "./live-counts.ts";

export const readEndpoint = async (context: Context, id: string): Promise<Endpoint> => {
  const endpoint = endpointOfRow(await openEndpoint(context, id, "view"));
  const [live = endpoint] = await withLiveCounts(context.ports, [endpoint]);
  return live;
};
