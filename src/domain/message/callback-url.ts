// The URL under which a provider tells us of a message of ours. It says whose message it is, so that a callback is understood without a look
// into the database; the provider signs the URL, so that what it says can be believed.
import { MESSAGE_ID_PARAM } from "../../channels/channel.ts";
import { isUuid } from "../../lib/ids.ts";

/** PERSISTED CONTRACT: such URLs live at the provider for days. */
const ORGANIZATION = "organization";
const CONTACT = "contact";

type Told = { id: string; organizationId: string; contactId: string };

/** A channel that has a row (`channelId`) is called back under its own URL: whose secret counts is plain there. */
export const callbackUrl = (
  base: string,
  { id, organizationId, contactId, channelId }: Told & { channelId: string | null },
): string => {
  const place = channelId !== null && isUuid(channelId) ? `${base}/${organizationId}/${channelId}` : base;
  return `${place}?${new URLSearchParams({ [MESSAGE_ID_PARAM]: id, [ORGANIZATION]: organizationId, [CONTACT]: contactId })}`;
};

export const readCallbackUrl = (url: string): Partial<Omit<Told, "id">> => {
  const query = new URL(url).searchParams;
  const organizationId = query.get(ORGANIZATION);
  const contactId = query.get(CONTACT);
  return { ...(organizationId ? { organizationId } : {}), ...(contactId ? { contactId } : {}) };
};
