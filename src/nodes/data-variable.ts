import { anyJson, name } from "./config.ts";
import { defineNode } from "./node.ts";

/** Output `{name, value}`. */
export const dataVariable = defineNode({
  type: "data_variable",
  kind: "data",
  title: "Set variable",
  description: "Sets a variable of the run; templates read it as `variables.<name>`.",
  fields: { name: name.meta({ title: "Name" }), value: anyJson.meta({ title: "Value" }) },
  enter: ({ config: { name, value } }) => ({
    kind: "next",
    port: "output",
    output: { name, value },
    set: { [name]: value },
  }),
});
