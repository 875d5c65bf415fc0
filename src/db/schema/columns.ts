// Column kinds that every table shares. A table's own columns belong in its own file.
import { integer, text } from "drizzle-orm/sqlite-core";
import type { Json, JsonObject } from "../../lib/json.ts";

/** First column of every table and of every index: no row is found without it. */
export const organizationId = () => text("org_id").notNull();

/** Epoch milliseconds. */
export const time = (name: string) => integer(name);
export const flag = (name: string) => integer(name, { mode: "boolean" });

export const jsonObject = (name: string) => text(name, { mode: "json" }).$type<JsonObject>();
export const jsonStrings = (name: string) => text(name, { mode: "json" }).$type<string[]>();
export const jsonValue = (name: string) => text(name, { mode: "json" }).$type<Json>();
