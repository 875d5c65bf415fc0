// What an author sent as a blueprint: cleansed, judged, and complete. Shared by the verbs that make and change one.
import type { Finding } from "../../engine/contract.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { type Blueprint, type BlueprintContent, checkContentSize } from "./blueprint.ts";
import { cleanse } from "./cleanse.ts";
import { placesIn } from "./fill.ts";
import { judgeBlueprint } from "./judge-blueprint.ts";
import { credentialIn } from "./suspicious.ts";
import { type BlueprintVariable, checkVariables } from "./variables.ts";

type Words = Pick<Blueprint, "name" | "description" | "category" | "tags" | "previewImage">;

type Sent = {
  content: BlueprintContent;
  variables: readonly BlueprintVariable[];
  words: Words;
  isPublic: boolean;
  /** Of the workflow that it is made from. */
  secretNames?: readonly string[];
};

export type Made = Pick<Blueprint, "content" | "variables" | "nodeCount"> & { findings: Finding[] };

/** To show something to every other organisation takes more than to write it. */
export const authorizeAuthor = (context: Context, { isPublic }: { isPublic?: boolean | undefined }): void => {
  authorizeRole(context.principal, "editor", "write");
  if (isPublic) authorizeRole(context.principal, "admin", "write");
};

/** Places that nobody declared are texts that must be given. */
const withUndeclared = (content: BlueprintContent, variables: readonly BlueprintVariable[]) => {
  const known = new Set(variables.map(({ name }) => name));
  const undeclared = [...placesIn(content)].filter(([name]) => !known.has(name));
  return {
    variables: [
      ...variables,
      ...undeclared.map(([name]): BlueprintVariable => ({ name, type: "string", required: true })),
    ],
    findings: undeclared.map(
      ([name, path]): Finding => ({
        severity: "warning",
        code: "undeclared_variable",
        message: `The variable '${name}' was not declared; it is a text that must be given`,
        path,
      }),
    ),
  };
};

/** Throws `invalid_input` for what may not be shown to others and cannot be made a variable, `payload_too_large`. */
export const makeBlueprint = (context: Context, { content, variables, words, isPublic, secretNames }: Sent): Made => {
  const declared = withUndeclared(content, variables);
  const cleansed = cleanse(content, declared.variables, secretNames, !isPublic);
  const told = Object.entries(words).flatMap(([field, text]) =>
    [text ?? ""].flat().some(credentialIn)
      ? [
          {
            field,
            message: "This looks like a credential, which everybody who sees the template could read.",
            code: "holds_secret",
          },
        ]
      : [],
  );
  const problems = [...checkVariables(variables), ...told, ...cleansed.problems];
  if (problems.length > 0) {
    const [first] = problems;
    throw new DomainError("invalid_input", `${first!.field}: ${first!.message}`, { problems });
  }
  checkContentSize(cleansed.content);
  const judged = judgeBlueprint(cleansed.content, cleansed.variables, context.ports.egress);
  return {
    content: cleansed.content,
    variables: cleansed.variables,
    nodeCount: cleansed.content.workflowData.nodes.length,
    findings: [...judged, ...declared.findings, ...cleansed.warnings],
  };
};
