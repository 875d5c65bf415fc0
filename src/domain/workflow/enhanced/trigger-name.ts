// The names by which a trigger's type may be said, and its config in the catalogue's own words. Pure.
import { isJsonObject, type JsonObject } from "../../../lib/json.ts";
import { triggerTypes } from "../../../triggers/index.ts";
import type { FieldProblem } from "../../errors.ts";
import { isBuiltIn } from "../../marketing/built-in-event-types.ts";

export const SCHEDULE_TYPES = ["immediate", "scheduled", "recurring", "cron"] as const;
export type ScheduleType = (typeof SCHEDULE_TYPES)[number];

export type WrittenTrigger = {
  triggerType: string;
  config: JsonObject;
  scheduleType?: string | undefined;
  cronExpression?: string | undefined;
};

export type TriggerContent = { type: string; config: JsonObject };

type Read = ({ ok: true } & TriggerContent) | { ok: false; problems: FieldProblem[] };

const SCHEDULE = "trigger_schedule";
/** Of a schedule's kind, the field that says when. */
const FIELD_OF: Record<Exclude<ScheduleType, "immediate">, string> = {
  scheduled: "at",
  recurring: "every_seconds",
  cron: "cron",
};
const WIRE_NAMES: Record<string, string> = { every_seconds: "everySeconds" };

const isScheduleType = (text: unknown): text is ScheduleType => SCHEDULE_TYPES.some((one) => one === text);

/** A full name of the catalogue, the same without `trigger_`, a kind of schedule, or an event that the product makes. */
const typeOf = (name: string): { type: string; implied: JsonObject; scheduleType?: ScheduleType } | undefined => {
  const short = name.toLowerCase();
  if (triggerTypes.has(name)) return { type: name, implied: {} };
  if (triggerTypes.has(`trigger_${short}`)) return { type: `trigger_${short}`, implied: {} };
  if (isScheduleType(short)) return { type: SCHEDULE, implied: {}, scheduleType: short };
  const code = name.toUpperCase();
  if (isBuiltIn(code)) return { type: "trigger_event", implied: { event_type: code } };
  return undefined;
};

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `everySeconds` is `every_seconds`, where the type has such a field and it is not given as well. */
const inItsWords = (type: string, config: JsonObject): JsonObject => {
  const fields = triggerTypes.get(type)!.schema.shape;
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      const own = snake(name);
      return [!Object.hasOwn(fields, name) && Object.hasOwn(fields, own) && !(own in config) ? own : name, value];
    }),
  );
};

const problem = (field: string, message: string, code = "bad_config"): Read => ({
  ok: false,
  problems: [{ field, message, code }],
});

const readSchedule = (written: JsonObject, said: string | undefined, cronExpression: string | undefined): Read => {
  const { scheduleType = said, cronExpression: ofConfig, ...rest } = written;
  const cron = cronExpression ?? ofConfig;
  if (scheduleType !== undefined && !isScheduleType(scheduleType))
    return problem("scheduleType", `Must be one of: ${SCHEDULE_TYPES.join(", ")}.`, "invalid_choice");
  if (scheduleType === "immediate")
    return problem(
      "scheduleType",
      "A schedule beside the graph may be immediate; here it is scheduled, recurring or cron.",
    );
  const config = inItsWords(SCHEDULE, { ...rest, ...(cron !== undefined && { cron }) });
  if (scheduleType === undefined) return { ok: true, type: SCHEDULE, config };
  const wanted = FIELD_OF[scheduleType];
  const others = Object.values(FIELD_OF).filter((field) => field !== wanted && config[field] !== undefined);
  if (config[wanted] === undefined) {
    const field = wanted === "cron" ? "cronExpression" : `config.${WIRE_NAMES[wanted] ?? wanted}`;
    return problem(field, "This field is required.", "required");
  }
  if (others.length === 0) return { ok: true, type: SCHEDULE, config };
  return problem(`config.${WIRE_NAMES[others[0]!] ?? others[0]}`, `Has no meaning with scheduleType ${scheduleType}.`);
};

/** It is to run once, now: a schedule that says no time of its own. */
export const isAtOnce = ({ triggerType, scheduleType }: WrittenTrigger): boolean => {
  const named = typeOf(triggerType);
  return named?.type === SCHEDULE && (scheduleType ?? named.scheduleType) === "immediate";
};

/** What a trigger is, by whichever name; its config is not judged here. Problems name `triggerType`, `scheduleType`, `cronExpression`, `config.…`. */
export const triggerNodeOf = ({ triggerType, config, scheduleType, cronExpression }: WrittenTrigger): Read => {
  const named = typeOf(triggerType);
  if (!named)
    return problem(
      "triggerType",
      `Unknown trigger type '${triggerType}'; an event of your own is of type 'event', with its name as event_type in the config`,
      "unknown_node_type",
    );
  const { type, implied } = named;
  if (type === SCHEDULE) return readSchedule(config, scheduleType ?? named.scheduleType, cronExpression);
  if (scheduleType !== undefined && scheduleType !== "immediate")
    return problem("scheduleType", `Only a schedule is ${scheduleType}; the type ${type} starts at once.`);
  if (cronExpression !== undefined) return problem("cronExpression", "Only a schedule has one.");
  const said = inItsWords(type, isJsonObject(config) ? config : {});
  return { ok: true, type, config: { ...implied, ...said } };
};
