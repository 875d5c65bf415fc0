// Typebot's variables: by id in its blocks, by name in its texts, and what gives them a value.
import { isJsonObject, type Json, type JsonObject, own } from "../../../lib/json.ts";
import { objectsAt, textAt } from "../reading.ts";
import type { Part } from "../report.ts";
import type { Piece, Words } from "../words.ts";

const LONGEST = 20_000;

export type Variables = {
  /** The key of the variable with this id; empty for none. */
  key(id: string): string;
  /** Pieces of a text with `{{name}}` in it; what is computed inside is told to `part` and left out. */
  read(text: string, part?: Part, field?: string): Piece[];
};

export const readVariables = (source: JsonObject, words: Words): Variables => {
  const byName = new Map<string, string>();
  const byId = new Map<string, string>();
  for (const { item } of objectsAt(source, "variables")) {
    const [id, name] = [textAt(item, "id"), textAt(item, "name").trim()];
    if (id === "" || name === "") continue;
    const key = byName.get(name) ?? `variable ${id}`;
    byName.set(name, key);
    byId.set(id, key);
    words.name(key, name);
  }
  const named = (name: string): string => {
    const key = byName.get(name) ?? `unknown ${name}`;
    words.name(key, name);
    return key;
  };
  return {
    key: (id) => byId.get(id) ?? "",
    read(text, part, field) {
      if (text.length > LONGEST) part?.note("approximated", `cut after ${LONGEST} characters`, field);
      const pieces: Piece[] = [];
      let position = 0;
      const cut = text.slice(0, LONGEST);
      for (const match of cut.matchAll(/\{\{([^{}]*)\}\}/g)) {
        pieces.push({ text: cut.slice(position, match.index) });
        position = match.index + match[0].length;
        const inside = match[1]!.trim();
        if (byName.has(inside) || /^[\p{L}\p{N} _-]+$/u.test(inside)) pieces.push({ key: named(inside) });
        else part?.note("unsupported", `{{${inside}}} is computed, which a flow cannot do: left out`, field);
      }
      pieces.push({ text: cut.slice(position) });
      return pieces.filter((piece) => !("text" in piece) || piece.text !== "");
    },
  };
};

/** Ids of all variables that the options name as where something is saved. */
export const savedIn = (value: Json | undefined, depth = 0): string[] => {
  if (depth > 12 || typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => savedIn(item, depth + 1));
  return Object.keys(value).flatMap((key) => {
    const found = own(value, key);
    if (typeof found === "string" && /variableid$/i.test(key)) return [found];
    return isJsonObject(found) || Array.isArray(found) ? savedIn(found, depth + 1) : [];
  });
};
