// Joins wait for the branches that are still alive: which waiting join can go on?
import type { Program } from "./program.ts";
import type { Token } from "./state.ts";
import type { Stepping } from "./stepping.ts";

/** Whether `other`, alive in the same frame, may still come to where `waiting` waits. */
const mayStillCome = (program: Program, waiting: Token, other: Token): boolean => {
  if (!program.reaches(other.node, waiting.node)) return false;
  if (other.phase !== "merging") return true;
  // Two joins that can reach each other would wait for ever: the one that waits longer goes first.
  return !(program.reaches(waiting.node, other.node) && waiting.id < other.id);
};

/** The first join, in order of arrival, that no living branch of its frame can still reach. Call it when nothing else can move. */
export const findOpenJoin = ({ program, draft }: Stepping): Token | undefined => {
  const alive = [...draft.tokens.values()];
  return alive.find(
    (token) =>
      token.phase === "merging" &&
      !alive.some(
        (other) => other.id !== token.id && other.frame === token.frame && mayStillCome(program, token, other),
      ),
  );
};
