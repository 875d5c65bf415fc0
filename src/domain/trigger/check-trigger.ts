// What may become a trigger's row: of a type that there is, with a config that its type takes.
import type { JsonObject } from "../../lib/json.ts";
import { placesOf, plainWords } from "../../lib/plain-words.ts";
import { triggerTypes } from "../../triggers/index.ts";
import { DomainError, type FieldProblem } from "../errors.ts";
import {
  isAtOnce,
  type TriggerContent,
  triggerNodeOf,
  type WrittenTrigger,
} from "../workflow/enhanced/trigger-name.ts";

/** So that a run at once is still ahead when it is saved. */
const AT_ONCE_MS = 2_000;

/** A field of the config as its author wrote it. */
const writtenName = (field: string, { config, cronExpression }: WrittenTrigger): string => {
  const [first = "", ...rest] = field.split(".");
  if (first === "cron" && cronExpression !== undefined) return "cronExpression";
  const camel = first.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return ["config", first in config || !(camel in config) ? first : camel, ...rest].join(".");
};

const judge = ({ type, config }: TriggerContent, written: WrittenTrigger, now: number): FieldProblem[] => {
  const trigger = triggerTypes.get(type)!;
  const parsed = trigger.schema.safeParse(config, { error: plainWords });
  if (!parsed.success)
    return parsed.error.issues
      .flatMap(placesOf)
      .map(({ path, message }) => ({ field: writtenName(path.join("."), written), message, code: "bad_config" }));
  const found = trigger.check?.(parsed.data as JsonObject) ?? [];
  const { at } = config;
  const isOver = type === "trigger_schedule" && typeof at === "string" && Date.parse(at) <= now;
  return [
    ...found
      .filter(({ severity = "error" }) => severity === "error")
      .map(({ path, message }) => ({ field: writtenName(path, written), message, code: "bad_config" })),
    ...(isOver ? [{ field: writtenName("at", written), message: "Must be in the future.", code: "bad_config" }] : []),
  ];
};

/** A schedule that is immediate is one time, which has nearly come. */
const timed = (written: WrittenTrigger, now: number): WrittenTrigger => ({
  ...written,
  scheduleType: "scheduled",
  config: { ...written.config, at: new Date(now + AT_ONCE_MS).toISOString() },
});

/** `now` is epoch ms. Throws `invalid_input` that names `triggerType`, `scheduleType`, `cronExpression`, `config.…`. */
export const checkTrigger = (written: WrittenTrigger, now: number): TriggerContent & { scheduleType?: "immediate" } => {
  const atOnce = isAtOnce(written);
  const read = triggerNodeOf(atOnce ? timed(written, now) : written);
  const problems = read.ok ? judge(read, written, now) : read.problems;
  const [first] = problems;
  if (first || !read.ok) throw new DomainError("invalid_input", `${first!.field}: ${first!.message}`, { problems });
  return { type: read.type, config: read.config, ...(atOnce && { scheduleType: "immediate" }) };
};
