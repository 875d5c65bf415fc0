import { jsonRecord } from "./config.ts";
import { defineNode, proceed } from "./node.ts";

/** Output: the mappings, rendered. */
export const dataTransform = defineNode({
  type: "data_transform",
  kind: "data",
  title: "Transform",
  description:
    "Makes a new object: each name with its rendered template. A template that is one expression keeps its type.",
  fields: { mappings: jsonRecord.meta({ title: "Mappings" }) },
  enter: ({ config }) => proceed(config.mappings),
});
