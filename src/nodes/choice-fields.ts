// Choices in a config: what a person may answer with, and by which port each leads on.
import { z } from "zod";
import { ERROR_PORT } from "../engine/contract.ts";
import type { JsonObject } from "../lib/json.ts";
import { filledText, text } from "./config.ts";

const choice = z.strictObject({
  id: filledText(256),
  title: filledText(1_000),
  description: text(1_000).optional(),
  section: text(1_000).optional(),
  port: filledText(64)
    .regex(/^[\w-]+$/, "Use letters, digits, _ and -.")
    .refine((port) => port !== ERROR_PORT, "The port 'error' is for failures.")
    .optional(),
});

export const choicesField = z
  .array(choice, "A list of {id, title, description?, section?, port?} is needed.")
  .min(1, "At least one choice is needed.")
  .max(100, "At most 100 choices.")
  .superRefine((choices, context) => {
    const seen = new Set<string>();
    choices.forEach(({ id }, index) => {
      if (seen.has(id))
        context.addIssue({ code: "custom", message: `The id '${id}' is used twice.`, path: [index, "id"] });
      seen.add(id);
    });
  });

export type Choices = z.output<typeof choicesField>;

/** The ports that the choices of a config name, once each. */
export const choicePorts = ({ choices }: JsonObject): string[] => [
  ...new Set(((choices ?? []) as Choices).flatMap(({ port }) => port ?? [])),
];
