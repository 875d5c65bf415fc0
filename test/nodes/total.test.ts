// Whatever authors write and whatever templates render to: a finding or an outcome, never an exception.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/lib/json.ts";
import { nodeTypes } from "../../src/nodes/index.ts";
import { data, examples } from "./examples.ts";
import { enter, faultsOf } from "./kit.ts";

/** Objects that no text can be made of, and others that pass for what they are not. */
const odd = fc.constantFrom({ toString: 1, valueOf: 1 }, { toJSON: 1 }, { then: 1 }, { length: 1 });
const anyJson = fc.oneof(
  { weight: 5, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.oneof(odd, fc.array(odd, { maxLength: 2 }), fc.record({ a: odd })) },
) as fc.Arbitrary<never>;

describe.each([...nodeTypes.keys()])("%s", (type) => {
  const fields = Object.keys(examples[type]!);

  it("judges any config", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...fields, "other"), anyJson), (config) => {
        expect(Array.isArray(faultsOf(type, { ...examples[type], ...(config as JsonObject) }))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("answers whatever its templates found", () => {
    for (const field of fields) {
      const config = { ...examples[type], [field]: "{{ x }}" };
      if (faultsOf(type, config).length > 0) continue;
      fc.assert(
        fc.property(anyJson, (x) => {
          const outcome = enter(type, config, { data: { ...data, x } });
          if (outcome.kind === "fail") expect(outcome.error.message).toMatch(new RegExp(`^${field}[.:]`));
        }),
        { numRuns: 200 },
      );
    }
  });
});
