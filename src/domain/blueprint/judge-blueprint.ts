// What is wrong with what a blueprint would make, as far as that does not hang on the values that are still to come. Pure.
import type { Finding } from "../../engine/contract.ts";
import type { Egress } from "../ports.ts";
import { judgeWorkflow } from "../workflow/enhanced/compile-workflow.ts";
import type { BlueprintContent } from "./blueprint.ts";
import { fillableIn, fillContent, placeOf, placesIn, textsIn, withoutPlaces } from "./fill.ts";
import { type BlueprintVariable, sampleOf } from "./variables.ts";

/** Paths of all texts with places in them. */
const openPaths = (content: BlueprintContent): string[] =>
  [...textsIn(fillableIn(content))]
    .filter(({ text }) => withoutPlaces(text) !== text)
    .map(({ path }) => path.join("."));

const isWithin = (path: string, outer: string): boolean => path === outer || path.startsWith(`${outer}.`);

/** The workflow that it would make with some values; findings about texts with places are left to whoever fills them. */
export const judgeBlueprint = (
  content: BlueprintContent,
  variables: readonly BlueprintVariable[],
  egress: Egress,
): Finding[] => {
  const samples = new Map(variables.map((variable) => [variable.name, sampleOf(variable)] as const));
  const filled = fillContent(content, samples);
  const { findings } = judgeWorkflow(
    { ...filled, templateId: null, triggers: triggersAt(filled, 0, String) },
    { egress },
  );
  const open = openPaths(content);
  const places = placesIn(content);
  const texts = [...textsIn(fillableIn(content))].map(({ text }) => text);
  const unused = variables.flatMap(({ name }, index): Finding[] =>
    places.has(name) || texts.some((text) => new RegExp(`\\b${name}\\b`).test(text))
      ? []
      : [
          {
            severity: "warning",
            code: "unused_variable",
            message: `Nothing uses the variable '${name}', neither ${placeOf(name)} nor {{ variables.${name} }}`,
            path: `requiredVariables.${index}`,
          },
        ],
  );
  return [...findings.filter(({ path }) => !open.some((one) => isWithin(one, path) || isWithin(path, one))), ...unused];
};

/** As rows of a workflow. */
export const triggersAt = ({ triggers }: BlueprintContent, at: number, idOf: (index: number) => string) =>
  triggers.map((trigger, index) => ({ ...trigger, id: idOf(index), createdAt: at, updatedAt: at }));
