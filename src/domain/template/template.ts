// A template as verbs give it, and what holds for every one that is stored.
import type { TemplateRow } from "../../db/queries/templates.ts";
import { DomainError, invalid } from "../errors.ts";
import { MAX_MESSAGE_CHARACTERS, neededBy, variablesOf } from "./message-template.ts";

export type Template = TemplateRow;

export type TemplateInput = {
  name: string;
  content: string;
  /** What its author believes the content uses; compared with what it does use. */
  variables?: string[];
  contentSid?: string | null;
  isActive?: boolean;
};

/** As the document counts: what stands in the template, placeholders as written. */
export const charactersOf = (content: string): number => [...content].length;

/**
 * The names in `content`. Throws `invalid_input` when `declared` are others: one of the two was misspelt, and a campaign would show which.
 * A name that has a default wherever it stands may go undeclared: no campaign misses it.
 */
export const checkTemplate = (content: string, declared: readonly string[] | undefined): string[] => {
  if (charactersOf(content) > MAX_MESSAGE_CHARACTERS) {
    throw invalid("content", `Must have at most ${MAX_MESSAGE_CHARACTERS} characters.`);
  }
  const used = variablesOf(content);
  if (declared === undefined) return used;
  const undeclared = neededBy(content).filter((name) => !declared.includes(name));
  const unused = declared.filter((name) => !used.includes(name));
  if (undeclared.length === 0 && unused.length === 0) return used;
  const message = [
    ...(undeclared.length > 0 ? [`The content uses ${undeclared.join(", ")}, which is not declared.`] : []),
    ...(unused.length > 0 ? [`${unused.join(", ")} is declared, and the content does not use it.`] : []),
  ].join(" ");
  throw new DomainError("invalid_input", `variables: ${message}`, {
    problems: [
      { field: "variables", message, provided: declared.join(", "), expected: used.join(", ") || "no variables" },
    ],
  });
};
