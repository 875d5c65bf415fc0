// A run that asks its contact something owns what they say next: it says so to the objects that receive what they say, before the question leaves.
import type { Address } from "../../channels/channel.ts";
import { contactObjectName } from "../../domain/contact/receive.ts";
import { isTold } from "../../domain/event/words.ts";
import type { RunRecord } from "../../engine/state.ts";
import type { Env } from "../../env.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { own } from "../../lib/json.ts";
import { phoneVariants } from "../../lib/phone.ts";
import { contactStub } from "../rpc.ts";

/** A question may take so long to leave, in ms: pacing, attempts. */
const LEAVING_MS = 900_000;
/** A wait without an end is over when the run is. */
const LONGEST_MS = 400 * DAY_MS;

/** `withinMs` null: whenever it comes. A call for each address at which we know the contact, which is one as a rule. */
export const claimReply = async (env: Env, run: RunRecord, withinMs: number | null): Promise<void> => {
  const until = Date.now() + Math.min(withinMs ?? LONGEST_MS, LONGEST_MS) + LEAVING_MS;
  await Promise.all(
    addressesOf(run).map((address) =>
      contactStub(env, contactObjectName(run.organizationId, address)).claim(run.executionId, until),
    ),
  );
};

const NUMBER = /^\+?\d+$/;

/** Where the person wrote from, else the contact's own number as they may write from it: some countries' numbers are written in two ways. */
const addressesOf = ({ contact, event }: RunRecord): Address[] => {
  if (typeof own(contact, "id") !== "string") return [];
  const phone = own(contact, "phone");
  const from = event.type === "MESSAGE_RECEIVED" && isTold(event) ? event.data.from : undefined;
  const known = typeof phone === "string" ? phoneVariants(phone) : [];
  const values = typeof from === "string" ? [from, ...(known.includes(from) ? [] : known)] : known;
  return [...new Set(values)].map((value) => ({ kind: NUMBER.test(value) ? "phone" : "whatsapp_bsuid", value }));
};
