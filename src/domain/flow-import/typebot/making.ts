// What the blocks of a Typebot are made into nodes with.
import type { Making } from "../making.ts";
import type { Ways } from "./typebot.ts";
import type { Variables } from "./variables.ts";

export type TypebotMaking = Making & {
  ways: Ways;
  variables: Variables;
  /** Done when all blocks are read: comparisons, which must know what answers are saved as. */
  later: (() => void)[];
  /** How many tests have drawn lots. */
  tests: { count: number };
};
