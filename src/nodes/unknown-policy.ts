// What an author wants done with a message of which nobody knows whether it left: a field of every node that sends one.
import type { JsonObject } from "../lib/json.ts";
import { oneOf } from "./config.ts";

/** Absent: `park`. */
export const unknownPolicyField = oneOf(["park", "resend"]).optional().meta({
  title: "When nobody knows whether it left",
  description:
    "park: nothing more is sent, and the message is listed as unknown. resend: it is sent again once the provider was asked and has no evidence of it",
});

/** As the action takes it. */
export const unknownPolicyOf = ({ on_unknown }: { on_unknown?: "park" | "resend" | undefined }): JsonObject =>
  on_unknown === undefined ? {} : { on_unknown };
