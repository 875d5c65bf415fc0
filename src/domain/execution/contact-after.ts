// The contact as an action would have left it, which nobody performed: what comes after in a simulated run reads it. Pure.
import type { EffectResult } from "../../engine/contract.ts";
import { isJsonObject, type JsonObject, mergeOwn } from "../../lib/json.ts";
import type { PerformEffect } from "./simulate.ts";

/** `contact` as domain/contact/view.ts makes it. */
export const contactAfter = ({ action, input }: PerformEffect, contact: JsonObject): JsonObject | undefined => {
  const tags = Array.isArray(contact.tags) ? contact.tags : [];
  switch (action) {
    case "contact.tag":
      return tags.includes(input.tag_name!) ? contact : { ...contact, tags: [...tags, input.tag_name!] };
    case "contact.untag":
      return { ...contact, tags: tags.filter((tag) => tag !== input.tag_name) };
    case "contact.update": {
      if (!isJsonObject(input.attributes)) return undefined;
      const known = isJsonObject(contact.attributes) ? contact.attributes : {};
      const merged = Object.entries(mergeOwn(known, input.attributes)).filter(([, value]) => value !== null);
      return { ...contact, attributes: Object.fromEntries(merged) };
    }
    default:
      return undefined;
  }
};

/** The mock's result, with what the contact is then. */
export const withContactAfter = (
  result: EffectResult,
  effect: PerformEffect,
  contact: JsonObject | null | undefined,
): EffectResult => {
  const after = result.outcome === "ok" && contact ? contactAfter(effect, contact) : undefined;
  return result.outcome === "ok" && after ? { ...result, contact: after } : result;
};
