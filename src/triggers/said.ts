// What a person's message says, as the triggers that people's words start read it.
import { type Json, type JsonObject, pathOf } from "../lib/json.ts";

export const contentOf = (data: JsonObject | undefined): string => {
  const content = pathOf(data as Json, "content");
  return typeof content === "string" ? content : "";
};
