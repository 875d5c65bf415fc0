// Questions with answers to choose from: whether WhatsApp would take one, and the numbered list that stands for it where there is nothing better.
// Pure.

import { INTERACTIVE_LIMITS } from "../lib/interactive-limits.ts";
import type { Interactive } from "./channel.ts";

const L = INTERACTIVE_LIMITS;

export type InteractiveProblem = { path: string; message: string };

const length = (text: string): number => [...text].length;

/** What WhatsApp would refuse, by the path inside `interactive`; `text` is the body. Empty when it may go. */
export const interactiveProblems = (interactive: Interactive, text: string): InteractiveProblem[] => {
  const problems: InteractiveProblem[] = [];
  const atMost = (path: string, value: string | undefined, most: number, isNeeded = false) => {
    if (value === undefined || value === "") {
      if (isNeeded) problems.push({ path, message: "May not be empty." });
    } else if (length(value) > most) problems.push({ path, message: `Has more than ${most} characters.` });
  };
  const unique = (path: string, ids: readonly string[]) =>
    ids.forEach((id, index) => {
      if (ids.indexOf(id) !== index)
        problems.push({ path: `${path}.${index}.id`, message: "Is the id of another one too." });
    });
  const many = (path: string, count: number, most: number) => {
    if (count < 1 || count > most) problems.push({ path, message: `Must have 1 to ${most}.` });
  };
  atMost("text", text, L.body, true);
  atMost("header", interactive.header, L.header);
  atMost("footer", interactive.footer, L.footer);
  if (interactive.kind === "buttons") {
    const { buttons } = interactive;
    many("buttons", buttons.length, L.buttons);
    buttons.forEach(({ id, title }, index) => {
      atMost(`buttons.${index}.id`, id, L.buttonId, true);
      atMost(`buttons.${index}.title`, title, L.buttonTitle, true);
    });
    unique(
      "buttons",
      buttons.map(({ id }) => id),
    );
    return problems;
  }
  const { button, rows } = interactive;
  many("rows", rows.length, L.rows);
  atMost("button", button, L.listButton, true);
  rows.forEach(({ id, title, description, section }, index) => {
    atMost(`rows.${index}.id`, id, L.rowId, true);
    atMost(`rows.${index}.title`, title, L.rowTitle, true);
    atMost(`rows.${index}.description`, description, L.rowDescription);
    atMost(`rows.${index}.section`, section, L.sectionTitle);
  });
  unique(
    "rows",
    rows.map(({ id }) => id),
  );
  const sections = sectionsOf(rows);
  if (sections.length > L.sections)
    problems.push({ path: "rows", message: `Are in more than ${L.sections} sections.` });
  if (sections.length > 1 && sections.some(({ title }) => title === ""))
    problems.push({ path: "rows", message: "Each need a section when there are several." });
  return problems;
};

type Row = Extract<Interactive, { kind: "list" }>["rows"][number];

/** Rows by section, in the order in which sections first appear; rows without one are in "". */
export const sectionsOf = (rows: readonly Row[]): { title: string; rows: Row[] }[] => {
  const sections = new Map<string, Row[]>();
  for (const row of rows) {
    const title = row.section ?? "";
    sections.set(title, [...(sections.get(title) ?? []), row]);
  }
  return [...sections].map(([title, of]) => ({ title, rows: of }));
};

/** The question as a text with numbered answers, for SMS and wherever buttons cannot go. */
export const numberedText = (text: string, interactive: Interactive): string => {
  const choices = interactive.kind === "buttons" ? interactive.buttons : interactive.rows;
  const lines = choices.map((choice, index) => {
    const description = "description" in choice && choice.description ? ` – ${choice.description}` : "";
    return `${index + 1}. ${choice.title}${description}`;
  });
  return [interactive.header, text, lines.join("\n"), interactive.footer].filter(Boolean).join("\n\n");
};
