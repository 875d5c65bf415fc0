// Changes to a blueprint. Workflows that were made from it stay as they are.
import {
  isBlueprintChangedMeanwhile,
  refuseChangedBlueprint,
  updateBlueprint as updateStatement,
} from "../../db/queries/blueprints.ts";
import type { Finding } from "../../engine/contract.ts";
import { defined } from "../../lib/defined.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { lacking, may } from "../permission.ts";
import { changedMeanwhile, changing } from "../workflow/changing.ts";
import { type Blueprint, isOwn, notYours, searchTextOf } from "./blueprint.ts";
import { type NewBlueprint, storedOf } from "./create-blueprint.ts";
import { authorizeAuthor, makeBlueprint } from "./make-blueprint.ts";
import { openBlueprint } from "./read-blueprint.ts";

export type BlueprintChange = Partial<Omit<NewBlueprint, "workflowId">>;

/** What is not named stays. Whole again cleansed: what was private may now be public. */
export const updateBlueprint = (
  context: Context,
  id: string,
  change: BlueprintChange,
): Promise<{ blueprint: Blueprint; findings: Finding[] }> => changing(() => update(context, id, change));

const update = async (
  context: Context,
  id: string,
  change: BlueprintChange,
): Promise<{ blueprint: Blueprint; findings: Finding[] }> => {
  const before = await openBlueprint(context, id);
  if (!isOwn(context, before)) throw notYours();
  if (!may(context.principal, { createdBy: before.createdBy }, "edit"))
    throw lacking(context.principal, "edit", "template");
  authorizeAuthor(context, { isPublic: change.isPublic ?? before.isPublic });
  const {
    workflowData,
    triggerType,
    triggerConfig,
    settings,
    variables = before.variables,
    isPublic = before.isPublic,
  } = change;
  const words = {
    name: change.name ?? before.name,
    description: change.description ?? before.description,
    category: change.category ?? before.category,
    tags: change.tags ?? before.tags,
    previewImage: change.previewImage === undefined ? before.previewImage : change.previewImage,
  };
  const { findings, ...made } = makeBlueprint(context, {
    content: {
      ...before.content,
      ...defined({ workflowData, triggerType, triggerConfig, settings }),
    },
    variables,
    words,
    isPublic,
  });
  const updatedAt = Math.max(context.ports.now(), before.updatedAt + 1);
  const { db } = context.ports;
  const batch = db.batch([
    refuseChangedBlueprint(db, before),
    updateStatement(db, before, {
      ...words,
      isPublic,
      updatedAt,
      nodeCount: made.nodeCount,
      ...storedOf(made),
      searchText: searchTextOf(words),
    }),
    auditStatement(context, {
      action: "workflow_template.updated",
      targetType: "workflow_template",
      targetId: id,
      details: { fields: Object.keys(change), isPublic },
    }),
  ]);
  await batch.catch((error: unknown) => {
    throw isBlueprintChangedMeanwhile(error) ? changedMeanwhile("template") : error;
  });
  return { blueprint: { ...before, ...words, ...made, isPublic, updatedAt }, findings };
};
