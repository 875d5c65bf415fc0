import { describe, expect, it } from "vitest";
import { enter, faultsOf } from "./kit.ts";

const event = {
  data: { kind: "b", total: 12, text: "12", items: [{ price: 5 }, { price: 50 }, { price: 20 }], list: "[1,2]" },
};
const data = { event, variables: { limit: 10, evil: "{{variables.limit}}" } };

describe("condition_if", () => {
  const decide = (conditions: object) => enter("condition_if", { conditions } as never, { data });

  it("goes by true or false", () => {
    expect(decide([{ field: "event.data.total", operator: "greater", value: 10 }])).toEqual({
      kind: "next",
      port: "true",
      output: { result: true },
    });
    expect(decide([{ field: "event.data.total", operator: "less", value: 10 }])).toMatchObject({ port: "false" });
    expect(decide([])).toMatchObject({ port: "true" });
  });

  it("compares with rendered values", () => {
    expect(decide([{ field: "event.data.total", operator: "greater", value: "{{variables.limit}}" }])).toMatchObject({
      port: "true",
    });
  });

  it.each([
    ["{{event.data.total}}", "equals", 12, "true"],
    ["{{ event.data.total | times: 2 }}", "greater", 20, "true"],
    ["{{event.data.kind}}", "equals", "b", "true"],
    ["{{event.data.items | size}}", "equals", 3, "true"],
    ["{{event.data.missing}}", "exists", undefined, "false"],
    ["{{event.data.missing}}", "less", 1, "false"],
    // Its text is a value, not a path to follow.
    ["{{variables.path}}", "equals", "variables.limit", "true"],
    ["{{variables.path}}", "equals", 10, "false"],
  ] as const)("a field that is a template is its value: %s %s %j", (field, operator, value, port) => {
    const variables = { ...data.variables, path: "variables.limit" };
    const condition = { field, operator, ...(value !== undefined && { value }) };
    const config = { conditions: { operator: "or", conditions: [condition] } } as never;
    expect(enter("condition_if", config, { data: { event, variables } })).toMatchObject({ port });
  });

  it("finds unknown words with their place, and takes those of loops", () => {
    const bogus = { operator: "and", conditions: [{ field: "bogus.x", operator: "exists" }] };
    expect(faultsOf("condition_if", { conditions: bogus })).toEqual([
      expect.stringMatching(/^conditions\.conditions\.0\.field: Unknown field/),
    ]);
    expect(faultsOf("condition_if", { conditions: [bogus.conditions[0]!] })).toEqual([
      expect.stringMatching(/^conditions\.0\.field: Unknown field/),
    ]);
    expect(faultsOf("condition_if", { conditions: bogus }, ["bogus"])).toEqual([]);
  });
});

describe("condition_switch", () => {
  const cases = [
    { value: "a", port: "first" },
    { value: "b", port: "second" },
    { value: "{{variables.limit}}", port: "limit" },
  ];
  const decide = (field: string) => enter("condition_switch", { field, cases }, { data });

  it.each(["event.data.kind", "{{ event.data.kind }}", "{{event.data.kind | downcase}}"])("reads %s", (field) => {
    expect(decide(field)).toEqual({ kind: "next", port: "second", output: { value: "b", port: "second" } });
  });

  it("goes by default when nothing is the same, or nothing is there", () => {
    expect(decide("event.data.total")).toMatchObject({ port: "default" });
    expect(decide("event.data.missing")).toMatchObject({ port: "default", output: { value: null } });
  });

  it("renders a case's value, once", () => {
    expect(decide("variables.limit")).toMatchObject({ port: "limit" });
    const evil = [{ value: "{{variables.evil}}", port: "evil" }];
    expect(enter("condition_switch", { field: "variables.limit", cases: evil }, { data })).toMatchObject({
      port: "default",
    });
    expect(enter("condition_switch", { field: "variables.evil", cases: evil }, { data })).toMatchObject({
      port: "evil",
    });
  });

  it("a number and its text are the same, as for the operator equals", () => {
    const twelve = [{ value: 12, port: "twelve" }];
    expect(enter("condition_switch", { field: "event.data.text", cases: twelve }, { data })).toMatchObject({
      port: "twelve",
    });
  });

  it("has a port a case", async () => {
    const { typeOf } = await import("./kit.ts");
    expect(typeOf("condition_switch").ports({ cases }).outputs).toEqual(["first", "second", "limit", "default"]);
  });
});

describe("condition_filter", () => {
  const conditions = [{ field: "item.price", operator: "greater", value: 10 }];
  const kept = { kind: "next", port: "output", output: { items: [{ price: 50 }, { price: 20 }], count: 2 } };

  it.each([
    ["a path", "event.data.items"],
    ["a template", "{{ event.data.items }}"],
    ["a list", [{ price: 5 }, { price: 50 }, { price: "{{ 20 }}" }]],
  ])("takes %s", (_, items) => {
    expect(enter("condition_filter", { items, conditions } as never, { data })).toEqual(kept);
  });

  it("takes a list that came as text, and reads its elements by place", () => {
    const firstOnly = [{ field: "index", operator: "equals", value: 0 }];
    expect(enter("condition_filter", { items: "event.data.list", conditions: firstOnly }, { data })).toMatchObject({
      output: { items: [1] },
    });
  });

  it.each([
    ["event.data.missing", /^items: The template found nothing/],
    ["event.data.total", /^items: A list is needed/],
  ])("fails on %s", (items, message) => {
    expect(enter("condition_filter", { items, conditions }, { data })).toMatchObject({
      kind: "fail",
      error: { code: "INVALID_CONFIG", message: expect.stringMatching(message) },
    });
  });

  it("bounds the list, as written and as rendered", () => {
    const items = Array.from({ length: 10_001 }, () => 1);
    expect(faultsOf("condition_filter", { items, conditions })).toEqual([
      "items: A list has at most 10000 elements here.",
    ]);
    expect(
      enter("condition_filter", { items: "event.items", conditions }, { data: { event: { items } } }),
    ).toMatchObject({
      error: { message: "items: A list has at most 10000 elements here." },
    });
  });
});
