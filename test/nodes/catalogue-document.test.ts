// docs/nodes.md is the catalogue in words: derived, never written by hand. `RECORD=1` writes it anew.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { z } from "zod";
import type { NodeType } from "../../src/engine/contract.ts";
import { nodeTypes } from "../../src/nodes/index.ts";

const file = fileURLToPath(new URL("../../docs/nodes.md", import.meta.url).href);

type Schema = {
  type?: string;
  enum?: unknown[];
  anyOf?: Schema[];
  description?: string;
  title?: string;
  default?: unknown;
  items?: Schema;
  minimum?: number;
  maximum?: number;
};

const typeOf = (schema: Schema): string => {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(", ");
  if (schema.anyOf)
    return [
      ...new Set(
        schema.anyOf.map((one) => ((one as { pattern?: string }).pattern === "\\{[{%]" ? "template" : typeOf(one))),
      ),
    ].join(" or ");
  const bounds =
    schema.minimum !== undefined && schema.maximum !== undefined && schema.maximum < 1e9
      ? ` ${schema.minimum} to ${schema.maximum}`
      : "";
  return `${{ string: "text", integer: "whole number", array: "list" }[schema.type ?? ""] ?? schema.type ?? "any JSON"}${bounds}`;
};

const fields = (type: NodeType): string => {
  const schema = z.toJSONSchema(type.schema, { io: "input" }) as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  const rows = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const said = (field.description ?? field.title ?? "").replaceAll("|", "\\|");
    return `| \`${name}\` | ${typeOf(field)} | ${schema.required?.includes(name) ? "yes" : "no"} | ${said} |`;
  });
  return rows.length === 0
    ? "No configuration.\n"
    : ["| field | type | needed | |", "| --- | --- | --- | --- |", ...rows, ""].join("\n");
};

const example: Record<string, object> = {
  condition_switch: { field: "event.data.kind", cases: [{ value: "a", port: "a" }] },
};

const ports = (type: NodeType): string => {
  const { inputs, outputs, anyOutput } = type.ports((example[type.type] ?? {}) as never);
  const named = type.type === "condition_switch" ? ["one a case", "default"] : anyOutput ? ["any name"] : outputs;
  return `In: ${inputs.map((port) => `\`${port}\``).join(", ") || "none"}. Out: ${named.map((port) => (port.includes(" ") ? port : `\`${port}\``)).join(", ") || "none"}.`;
};

const document = (): string => {
  const parts = [
    "# Nodes",
    "",
    "Made from the catalogue (`src/nodes/index.ts`) by `test/nodes/catalogue-document.test.ts`.",
    "",
    "The config of every node may also carry `retry` `{max_attempts, backoff_seconds, multiplier?}`, `timeout_seconds`, and `on_error` (`fail` ends the run, `continue` goes on, `error`",
    "leaves by the port `error`). A connected port `error` means the last. Texts may hold templates ([templates.md](templates.md)).",
    "",
  ];
  for (const kind of ["trigger", "condition", "action", "data", "loop", "flow"]) {
    parts.push(`## ${kind[0]!.toUpperCase()}${kind.slice(1)}s`, "");
    for (const type of nodeTypes.values()) {
      if (type.kind !== kind) continue;
      parts.push(`### \`${type.type}\` ${type.title}`, "", type.description, "", ports(type), "", fields(type));
    }
  }
  return `${parts.join("\n").trimEnd()}\n`;
};

if (process.env.RECORD) writeFileSync(file, document());

it("docs/nodes.md is what the catalogue says", () => {
  expect(readFileSync(file, "utf8")).toBe(document());
});
