import { z } from "zod";
import { ERROR_PORT } from "../engine/contract.ts";
import { operators } from "../engine/expression/operators.ts";
import type { JsonObject } from "../lib/json.ts";
import { anyJson, filledText, pathOrTemplate } from "./config.ts";
import { defineNode } from "./node.ts";

const DEFAULT_PORT = "default";

const switchCase = z.strictObject({
  value: anyJson,
  port: filledText(64)
    .regex(/^[\w-]+$/, "Use letters, digits, _ and -.")
    .refine((port) => port !== ERROR_PORT, "The port 'error' is for failures."),
});
const cases = z
  .array(switchCase, "A list of {value, port} is needed.")
  .min(1, "At least one case is needed.")
  .max(100, "At most 100 cases.");

/** Output `{value, port}`. */
export const conditionSwitch = defineNode({
  type: "condition_switch",
  kind: "condition",
  title: "Switch",
  description:
    "Compares a field with the value of each case, as the operator equals does, and goes on by the port of the first that is the same, " +
    "else by `default`.",
  fields: { field: pathOrTemplate, cases },
  ports: (config) => {
    const named = (config.cases as z.infer<typeof cases>).map((each) => each.port);
    return { inputs: ["input"], outputs: [...new Set([...named, DEFAULT_PORT])] };
  },
  enter: ({ config, now }) => {
    const value = config.field;
    const hit = config.cases.find((each) => operators.equals.test(value ?? undefined, each.value, now));
    const port = hit?.port ?? DEFAULT_PORT;
    return { kind: "next", port, output: { value, port } satisfies JsonObject };
  },
});
