// Typebot's rich text as WhatsApp's: *bold*, _italic_, ~struck~, lists with dashes or numbers. Variables stay as `{{name}}`.
import { isJsonObject, type Json, type JsonObject, own } from "../../../lib/json.ts";
import { isTrueAt, objectsAt, textAt } from "../reading.ts";

const MARKS = [
  ["bold", "*"],
  ["italic", "_"],
  ["strikethrough", "~"],
  ["code", "`"],
] as const;

/** The marks around the text, inside its outer spaces: WhatsApp wants them next to a word. */
const marked = (leaf: JsonObject): string => {
  const text = textAt(leaf, "text");
  const inner = text.trim();
  if (inner === "") return text;
  const start = text.indexOf(inner);
  let [before, after] = ["", ""];
  for (const [field, mark] of MARKS) {
    // `_@name_` would be another name.
    const beside = mark === "_" && (inner.startsWith("{{") || inner.endsWith("}}"));
    if (isTrueAt(leaf, field) && !beside && !inner.includes("\n")) [before, after] = [before + mark, mark + after];
  }
  return text.slice(0, start) + before + inner + after + text.slice(start + inner.length);
};

const inline = (element: Json | undefined): string => {
  if (!isJsonObject(element)) return "";
  if (!Array.isArray(own(element, "children"))) return marked(element);
  const text = objectsAt(element, "children")
    .map(({ item }) => inline(item))
    .join("");
  const address = textAt(element, "url");
  if (textAt(element, "type") !== "a" || address === "" || address === text.trim()) return text;
  return text.trim() === "" ? address : `${text} (${address})`;
};

const HEADINGS = new Set(["h1", "h2", "h3", "h4", "h5", "h6"]);
const LISTS = new Set(["ul", "ol"]);
const BLOCKS = new Set([...LISTS, "p", "li", "lic", "blockquote", ...HEADINGS]);

const lines = (element: JsonObject, depth: number): string[] => {
  const type = textAt(element, "type");
  const children = objectsAt(element, "children");
  if (LISTS.has(type))
    return children.flatMap(({ item }, index) => {
      const [first = "", ...rest] = lines(item, depth + 1);
      return [`${"  ".repeat(depth)}${type === "ol" ? `${index + 1}.` : "-"} ${first}`, ...rest];
    });
  if (children.some(({ item }) => BLOCKS.has(textAt(item, "type"))))
    return children.flatMap(({ item }) => lines(item, depth));
  const text = inline(element);
  if (type === "blockquote") return text.split("\n").map((line) => `> ${line}`);
  return [HEADINGS.has(type) && text.trim() !== "" && !text.includes("*") ? `*${text.trim()}*` : text];
};

/** The text of a bubble: `richText`, or what older versions have, `plainText` or `html`. */
export const readRichText = (content: JsonObject): string => {
  if (Array.isArray(own(content, "richText")))
    return objectsAt(content, "richText")
      .flatMap(({ item }) => lines(item, 0).map((line) => line.trimEnd()))
      .join("\n")
      .trim();
  const plain = textAt(content, "plainText").trim();
  if (plain !== "") return plain;
  return textAt(content, "html")
    .replace(/<\/(?:div|p|li)>|<br\s*\/?>/gi, "\n")
    .replace(/<[^<>]*>/g, "")
    .replaceAll("&nbsp;", " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .trim();
};
