// One blueprint, and lists of them, for whoever may look: those that come with the product, an organisation's own, and everybody's that are public.
import {
  type BlueprintListFilter,
  type BlueprintPage,
  findBlueprint,
  listBlueprints as queryBlueprints,
  readTally,
} from "../../db/queries/blueprints.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { type Blueprint, BUILT_IN, type CountedBlueprint, searchTextOf } from "./blueprint.ts";
import { starters } from "./starters/index.ts";

export type { BlueprintPage };

/** How many are featured at the most. */
const FEATURED = 6;

/** Throws `not_found` for another organisation's that is not public, as for a missing one. */
export const openBlueprint = async (context: Context, id: string): Promise<Blueprint> => {
  const builtIn = starters.get(id);
  if (builtIn) return builtIn;
  const row = await findBlueprint(context.ports.db, context.principal.organizationId, id);
  if (!row) throw notFound("template");
  const { searchText: _, ...rest } = row;
  return rest as unknown as Blueprint;
};

/** With what became of it. */
export const countedBlueprint = async (context: Context, blueprint: Blueprint): Promise<CountedBlueprint> => {
  const { db } = context.ports;
  const { userId } = context.principal;
  const { tally, rating } = await readTally(db, {
    ownerId: blueprint.organizationId,
    blueprintId: blueprint.id,
    userId,
  });
  return { ...blueprint, ...tally, rating };
};

export const readBlueprint = async (context: Context, id: string): Promise<CountedBlueprint> => {
  authorizeRole(context.principal, "viewer", "read");
  return countedBlueprint(context, await openBlueprint(context, id));
};

const builtInHeads = [...starters.values()].map((blueprint) => ({
  id: blueprint.id,
  name: blueprint.name,
  description: blueprint.description,
  category: blueprint.category,
  tags: blueprint.tags,
  nodeCount: blueprint.nodeCount,
  searchText: searchTextOf(blueprint),
  createdAt: blueprint.createdAt,
}));

export const listBlueprints = async (
  context: Context,
  filter: BlueprintListFilter,
  page: { limit: number; offset: number },
): Promise<BlueprintPage> => {
  authorizeRole(context.principal, "viewer", "read");
  const { search, ...rest } = filter;
  const wanted = { ...rest, ...(search !== undefined && { search: search.trim().toLowerCase() }) };
  const builtIn = { ownerId: BUILT_IN, heads: builtInHeads };
  return queryBlueprints(context.ports.db, context.principal.organizationId, builtIn, wanted, page, FEATURED);
};
