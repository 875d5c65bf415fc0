// A word by which somebody withdraws consent: it is obeyed, and it is no keyword and no answer (MESSAGING "Consent"); who listens to all messages hears of it.
import type { RunEvent } from "../../engine/contract.ts";

export const isOptOut = ({ type, data }: Pick<RunEvent, "type" | "data">): boolean =>
  type === "MESSAGE_RECEIVED" && data.consent === "opt_out";
