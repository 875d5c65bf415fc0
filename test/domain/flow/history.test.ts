// A golden history of a conversation (I6), as test/histories/ has them of the engine: people may be in the middle of one when the code changes. A difference
// means that theirs would be replayed otherwise than it happened. `RECORD=1` writes it when it is missing.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { compile } from "../../../src/engine/compile.ts";
import type { Definition, Input } from "../../../src/engine/contract.ts";
import { applyDelta, newState } from "../../../src/engine/state.ts";
import { step } from "../../../src/engine/step.ts";
import type { Json } from "../../../src/lib/json.ts";
import { nodeTypes } from "../../../src/nodes/index.ts";
import { plain } from "../../engine/kit.ts";
import { booking } from "./booking.ts";
import { Conversation } from "./conversation.ts";

const file = fileURLToPath(new URL("history.json", import.meta.url).href);

type History = { definition: Definition; journal: Input[]; effects: Json; state: Json };

const fold = (definition: Definition, journal: Input[]): Pick<History, "effects" | "state"> => {
  const { program } = compile(definition, nodeTypes);
  const state = newState();
  const effects: Json[] = [];
  for (const input of journal) {
    const done = step(program!, state, input);
    effects.push(JSON.parse(JSON.stringify(done.effects)));
    applyDelta(state, done.delta);
  }
  return { effects, state: plain(state) };
};

if (process.env.RECORD && !existsSync(file)) {
  const talk = new Conversation(booking, "book", { name: "Ada", attributes: { owner: "Max" } });
  for (const answer of ["x", "4", "2"]) talk.say(answer);
  talk.say("hello?");
  talk.say("?");
  talk.say("fish");
  const { definition } = talk;
  const { journal } = talk.run;
  writeFileSync(file, `${JSON.stringify({ definition, journal, ...fold(definition, journal) }, null, 1)}\n`);
}

it("a conversation that once was folds to what it was", () => {
  const history = JSON.parse(readFileSync(file, "utf8")) as History;
  const folded = fold(history.definition, history.journal);
  expect(folded.effects).toEqual(history.effects);
  expect(folded.state).toEqual(history.state);
});
