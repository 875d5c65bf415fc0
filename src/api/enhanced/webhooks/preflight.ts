// What a browser asks before a page calls the public door: whether the endpoint takes calls from there. Its own list decides, as it does of the call.
import { isUuid } from "../../../lib/ids.ts";
import { allowPage } from "../../shared/allow-page.ts";
import type { ApiContext } from "../../shared/api.ts";
import { countUnknown } from "../operations.ts";

const HEADERS = "content-type, idempotency-key, webhook-id, webhook-timestamp, webhook-signature, x-webhook-signature";
const KNOWN_SECONDS = 600;

/** 204; whoever may not call is told nothing, whether there is such an endpoint or not. Counted by the network, as all who prove nothing. */
export const preflight = async (c: ApiContext, id: string): Promise<Response> => {
  const { ports, clientAddress } = c.var;
  await countUnknown(c);
  const endpointId = id.toLowerCase();
  const origin = c.req.header("origin");
  const isWelcome =
    origin !== undefined &&
    isUuid(endpointId) &&
    (await ports.webhooks.welcomes(endpointId, { origin, clientAddress }, ports.now()));
  if (isWelcome) {
    allowPage(c);
    c.header("Access-Control-Allow-Methods", "POST");
    c.header("Access-Control-Allow-Headers", HEADERS);
    c.header("Access-Control-Max-Age", String(KNOWN_SECONDS));
  }
  return c.body(null, 204);
};
