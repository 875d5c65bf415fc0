// Events as text/event-stream has them: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
import type { LiveEvent } from "./live-event.ts";

/** JSON has no line ends outside of its escapes, so `data` is one line. */
export const eventText = (id: string, { name, data }: { name: LiveEvent["name"]; data: string }): string =>
  `event: ${name}\nid: ${id}\ndata: ${data}\n\n`;

export const commentText = (text: string): string => `: ${text}\n\n`;

/** How long a client waits before it comes again, in ms. */
export const retryText = (ms: number): string => `retry: ${ms}\n\n`;

/** The place of an event: the life of its feed, and its number in it. PERSISTED CONTRACT: clients keep it. */
export type Place = { life: string; n: number };

export const placeText = ({ life, n }: Place): string => `${life}-${n}`;

const PLACE = /^([a-z0-9]{1,16})-(\d{1,15})$/;

/** Undefined for what is no place of ours. */
export const placeOf = (text: string): Place | undefined => {
  const [, life, n] = PLACE.exec(text) ?? [];
  return life === undefined ? undefined : { life, n: Number(n) };
};
