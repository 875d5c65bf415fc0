// JSON of ours as google.protobuf values and back, where the two differ: a Value knows no infinite number, and readers of messages give up at a
// nesting of some hundred messages, of which a level of JSON takes two or three.
import { fromJson, type JsonObject as ProtoObject } from "@bufbuild/protobuf";
import { type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import { DomainError } from "../../../domain/errors.ts";
import type { Json, JsonObject } from "../../../lib/json.ts";
import { isDeeperThan } from "../../../lib/json-depth.ts";
import { judgeJson } from "../../../lib/parse-json.ts";

/** Levels of JSON that every gRPC library reads: the usual limit is 100 messages in each other. */
const MAX_DEPTH = 25;

/** As JSON writes it; what nests deeper than readers follow is told as its JSON text. */
const readable = (value: unknown): Json =>
  isDeeperThan(value, MAX_DEPTH) ? JSON.stringify(value) : (JSON.parse(JSON.stringify(value ?? null)) as Json);

export const toValue = (json: unknown): Value => fromJson(ValueSchema, readable(json));

/** A Struct, each field told for itself. */
export const toStruct = (json: object): ProtoObject =>
  Object.fromEntries(Object.entries(json).map(([name, value]) => [name, readable(value)]));

/** A Struct that was sent, under the laws of a JSON body. Throws `malformed_json` with the field's path. */
export const fromStruct = (name: string, struct: ProtoObject | undefined): JsonObject => {
  const json = (struct ?? {}) as JsonObject;
  const fault = judgeJson(json, { keys: "names" });
  if (!fault) return json;
  const field = fault.path === "" ? name : `${name}.${fault.path}`;
  const { message } = fault;
  throw new DomainError("malformed_json", `${field} ${message}`, { problems: [{ field, message }] });
};
