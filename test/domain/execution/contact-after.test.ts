// What a simulated run reads of its contact after actions that nobody performed.
import { describe, expect, it } from "vitest";
import { contactAfter } from "../../../src/domain/execution/contact-after.ts";
import type { PerformEffect } from "../../../src/domain/execution/simulate.ts";
import type { JsonObject } from "../../../src/lib/json.ts";

const effect = (action: string, input: JsonObject): PerformEffect => ({
  ...{ type: "perform", key: "n:1", nodeId: "n", attempt: 1, mode: "run", timeoutMs: undefined },
  ...{ action, input },
});
const ann: JsonObject = { id: "c", tags: ["a"], attributes: { city: "Kiel", old: 1 } };

describe("contactAfter", () => {
  it("adds and removes tags, once", () => {
    expect(contactAfter(effect("contact.tag", { tag_name: "b" }), ann)!.tags).toEqual(["a", "b"]);
    expect(contactAfter(effect("contact.tag", { tag_name: "a" }), ann)!.tags).toEqual(["a"]);
    expect(contactAfter(effect("contact.untag", { tag_name: "a" }), ann)!.tags).toEqual([]);
    expect(contactAfter(effect("contact.tag", { tag_name: "b" }), { id: "c" })!.tags).toEqual(["b"]);
  });

  it("merges attributes, and null removes one", () => {
    const after = contactAfter(effect("contact.update", { attributes: { city: "Bonn", old: null, n: 2 } }), ann)!;
    expect(after.attributes).toEqual({ city: "Bonn", n: 2 });
    expect(ann.attributes).toEqual({ city: "Kiel", old: 1 });
  });

  it("leaves them as they are after anything else", () => {
    expect(contactAfter(effect("http.request", {}), ann)).toBeUndefined();
    expect(contactAfter(effect("contact.update", { attributes: [] }), ann)).toBeUndefined();
  });
});
