import type { Json, JsonObject } from "../lib/json.ts";
import { CONDITION_ROOTS, listField, name } from "./config.ts";
import { defineNode } from "./node.ts";

type Memo = { items: Json[]; item_variable: string };

/** In the body the element is `item`, and whatever the author calls it; of nested loops the innermost wins. */
const localsOf = ({ items, item_variable }: Memo, index: number): JsonObject => {
  const item = items[index]!;
  return { item, index, [item_variable]: item };
};

const isTaken = (variable: string) => variable !== "item" && (CONDITION_ROOTS as readonly string[]).includes(variable);

/** Output of `done`: `{count, stopped_by: "end" | "break"}`; `count` is the number of rounds that came to their end. */
export const loopForeach = defineNode({
  type: "loop_foreach",
  kind: "loop",
  title: "For each",
  description:
    "Runs the body once for each element of a list, one after the other, then goes on by `done`. In the body the element is `item` and the " +
    "name in `item_variable`, its place `index`.",
  fields: {
    items: listField,
    item_variable: name
      .refine((variable) => !isTaken(variable), "This name has a meaning of its own.")
      .default("item")
      .meta({ title: "Name of the element" }),
  },
  ports: { inputs: ["input"], outputs: ["body", "done"] },
  locals: ({ item_variable }) => (typeof item_variable === "string" ? [item_variable] : []),
  enter: ({ config: memo }) =>
    memo.items.length === 0
      ? { kind: "next", port: "done", output: { count: 0, stopped_by: "end" } }
      : { kind: "iterate", locals: localsOf(memo, 0), memo },
  resume: ({ memo, round }, signal) => {
    const { items } = memo as Memo;
    if (signal.kind === "broken") return { kind: "next", port: "done", output: { count: round, stopped_by: "break" } };
    return round < items.length
      ? { kind: "iterate", locals: localsOf(memo as Memo, round) }
      : { kind: "next", port: "done", output: { count: round, stopped_by: "end" } };
  },
});
