// How large a flow may be, and what WhatsApp takes (MESSAGING "WhatsApp"; Meta's "Interactive messages" and "Media", 2026-11).
import { DAY_MS } from "../../lib/durations.ts";
import { INTERACTIVE_LIMITS } from "../../lib/interactive-limits.ts";

/** A node of a flow becomes a few nodes of a workflow, which may have 5,000. */
export const MAX_FLOW_NODES = 1_000;
export const MAX_FLOW_EDGES = 4_000;
/** As JSON, in bytes: a row holds the document and what it was compiled to. */
export const MAX_FLOW_BYTES = 400_000;
export const MAX_FLOW_DEPTH = 20;
/** The ids of the nodes that are made for one are longer than its own. */
export const MAX_ID = 100;
/** The ids of all nodes as JSON: a run's report says of each how often it was entered, beside its steps (objects/execution/project.ts). */
export const MAX_COUNTED_BYTES = 80_000;
export const MAX_NAME = 200;
export const MAX_TEXT = 10_000;
export const MAX_KEYWORDS = 100;
export const MAX_KEYWORD = 100;
export const MAX_REPLIES = 20;
export const MAX_ANSWERS = 100;
/** Each becomes a dozen comparisons of a condition tree, which has at most 200. */
export const MAX_CONDITIONS = 15;

export const UNITS = ["seconds", "minutes", "hours", "days"] as const;

/** Twilio's Body, by SMS and on WhatsApp (Twilio's error 21617), in characters: longer texts fail on those channels. */
export const TWILIO_TEXT = 1_600;

/** A message's text, and one beside buttons, a list or a medium; in characters. */
export const WHATSAPP = {
  text: 4_096,
  caption: 1_024,
  ...INTERACTIVE_LIMITS,
  /** Free text may go so long after the person's last message, in ms. */
  windowMs: DAY_MS,
} as const;
