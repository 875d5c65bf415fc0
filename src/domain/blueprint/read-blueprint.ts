// One blueprint, and lists of them, for whoever may look: those that come with the product, an organisation's own, and everybody's that are public.
import {
  type BlueprintHead,
  type BlueprintListFilter,
  type BlueprintPage,
  findBlueprint,
  listBlueprints as queryBlueprints,
  readHeld,
  readTally,
} from "../../db/queries/blueprints.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { type Blueprint, BUILT_IN, type CountedBlueprint, searchTextOf } from "./blueprint.ts";
import { starters } from "./starters/index.ts";

/** `held`: what it holds; null where a page would become too large with it. */
export type ListedBlueprint = BlueprintHead & { held: Held | null };
type Held = Pick<Blueprint, "variables" | "content">;

export type BlueprintList = Omit<BlueprintPage, "rows" | "featured"> & {
  rows: ListedBlueprint[];
  featured: ListedBlueprint[];
};

/** How many are featured at the most. */
const FEATURED = 6;
/** What the blueprints of a page may hold together; one alone has at most 900,000. */
const MAX_PAGE_BYTES = 4_000_000;

/** Throws `not_found` for another organisation's that is not public, as for a missing one. */
export const openBlueprint = async (context: Context, id: string): Promise<Blueprint> => {
  const builtIn = starters.get(id);
  if (builtIn) return builtIn;
  const row = await findBlueprint(context.ports.db, context.principal.organizationId, id);
  if (!row) throw notFound("template");
  const { searchText: _, ...rest } = row;
  return rest as Blueprint;
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
): Promise<BlueprintList> => {
  authorizeRole(context.principal, "viewer", "read");
  const { search, ...rest } = filter;
  const wanted = { ...rest, ...(search !== undefined && { search: search.trim().toLowerCase() }) };
  const builtIn = { ownerId: BUILT_IN, heads: builtInHeads };
  const { db } = context.ports;
  const found = await queryBlueprints(db, context.principal.organizationId, builtIn, wanted, page, FEATURED);
  const held = await heldOf(db, [...found.rows, ...found.featured]);
  const withHeld = (head: BlueprintHead): ListedBlueprint => ({ ...head, held: held.get(head.id) ?? null });
  return { ...found, rows: found.rows.map(withHeld), featured: found.featured.map(withHeld) };
};

/** Of the first ones, by id, as far as a page may go. */
const heldOf = async (db: D1Database, heads: readonly BlueprintHead[]): Promise<Map<string, Held>> => {
  const wanted = new Map<string, BlueprintHead>();
  let size = 0;
  for (const head of heads) {
    if (wanted.has(head.id) || size + head.size > MAX_PAGE_BYTES) continue;
    size += head.size;
    wanted.set(head.id, head);
  }
  const stored = await readHeld(
    db,
    [...wanted.values()].filter(({ id }) => !starters.has(id)),
  );
  const builtIn = [...wanted.keys()].flatMap((id) => starters.get(id) ?? []);
  return new Map([...stored, ...builtIn].map((one) => [one.id, one as Held]));
};
