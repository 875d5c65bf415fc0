// The blueprints that come with the product, by id.
import type { Blueprint } from "../blueprint.ts";

export const starters: ReadonlyMap<string, Blueprint> = new Map();
