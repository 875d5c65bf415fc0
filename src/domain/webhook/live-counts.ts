// What endpoints have counted up to now, by their objects; the rows follow within seconds.
import { mapConcurrently } from "../../lib/map-concurrently.ts";
import type { Ports } from "../ports.ts";
import type { Endpoint } from "./endpoint.ts";
import { tokenHashOf } from "./settings.ts";
import type { WebhookCounts } from "./tally.ts";

/** Objects that a list wakes; of the others it says what their rows say. */
const MOST = 20;

/** An object that cannot be asked has counted what its row says. */
export const withLiveCounts = async (
  { webhooks }: Pick<Ports, "webhooks">,
  endpoints: readonly Endpoint[],
): Promise<Endpoint[]> => {
  const asked = endpoints.slice(0, MOST);
  const live = await mapConcurrently(asked, MOST, async (endpoint): Promise<Endpoint> => {
    if (endpoint.door !== "enhanced") return endpoint;
    const counts = await tokenHashOf(endpoint.token)
      .then((hash) => webhooks.counts(hash))
      .catch((): WebhookCounts | null => null);
    return counts && counts.received >= endpoint.counts.received ? { ...endpoint, counts } : endpoint;
  });
  return [...live, ...endpoints.slice(MOST)];
};
