// Two states are compared by their text.
import type { RunState } from "../../engine/state.ts";
import { canonicalJson } from "../../lib/json.ts";

/** A state as one text, whatever order its records came in. */
export const textOf = (state: RunState): string =>
  canonicalJson(
    JSON.parse(
      JSON.stringify({
        run: state.run,
        variables: Object.fromEntries(state.variables),
        tokens: Object.fromEntries(state.tokens),
        visits: Object.fromEntries(state.visits),
        nodes: Object.fromEntries(state.nodes),
        frames: Object.fromEntries(state.frames),
      }),
    ),
  );
