// How large what providers tell may be. Who signs a callback may be anybody with a channel of their own: what no provider sends would be kept by an
// object whose name nobody can be told, or refused by the database at every attempt.
import type { Address, InboundFact, MessageReceived } from "./channel.ts";

/** Of an address or an id of the provider's, in characters: theirs have some hundred. The names of objects are made of them and hold 1,024 bytes. */
const MAX_ID = 256;
/** More than the longest text of any (Meta's, 65,536 characters). */
const MAX_TEXT = 65_536;
const MAX_NAME = 512;
const MAX_URL = 4_096;

const cut = (text: string, max: number): string => (text.length > max ? text.slice(0, max).toWellFormed() : text);
const isId = (id: string | undefined): boolean => id === undefined || id.length <= MAX_ID;

/** The fact with its texts cut to what they may be; undefined when it is about an id or an address that nobody has. */
export const boundedFact = (fact: InboundFact): InboundFact | undefined => {
  if (!isId(fact.providerId) || !isId(fact.to) || !isId(fact.inboundKey)) return undefined;
  if (fact.fact === "message_received") return boundedMessage(fact);
  if (!isId(fact.messageId) || !isId(fact.from) || (fact.callbackData?.length ?? 0) > MAX_URL) return undefined;
  const { error } = fact;
  return error ? { ...fact, error: { ...error, message: cut(error.message, MAX_NAME) } } : fact;
};

const isAddress = ({ value }: Address): boolean => isId(value);

const boundedMessage = (message: MessageReceived): MessageReceived | undefined => {
  const { from, alsoFrom, text, media, choice, profileName, inReplyTo } = message;
  if (!isAddress(from)) return undefined;
  return {
    ...message,
    text: cut(text, MAX_TEXT),
    media: media
      .filter(({ url }) => url.length <= MAX_URL)
      .map((medium) => ({ ...medium, contentType: cut(medium.contentType, MAX_NAME) })),
    ...(alsoFrom && { alsoFrom: alsoFrom.filter(isAddress) }),
    ...(choice && {
      choice: {
        ...choice,
        id: cut(choice.id, MAX_NAME),
        ...(choice.title === undefined ? {} : { title: cut(choice.title, MAX_NAME) }),
      },
    }),
    ...(profileName !== undefined && { profileName: cut(profileName, MAX_NAME) }),
    ...(inReplyTo !== undefined && { inReplyTo: cut(inReplyTo, MAX_NAME) }),
  };
};
