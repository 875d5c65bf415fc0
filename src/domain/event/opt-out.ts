// A word by which somebody withdraws consent: it is obeyed, and it answers nothing and starts nothing (MESSAGING "Consent").
import type { RunEvent } from "../../engine/contract.ts";

export const isOptOut = ({ type, data }: Pick<RunEvent, "type" | "data">): boolean =>
  type === "MESSAGE_RECEIVED" && data.consent === "opt_out";
