// Python: runs or checks one snippet in a MicroPython of its own. What MicroPython sees of the host belongs in python-host.ts,
// what the snippet sees in python-harness.ts and prelude/.

import { ANSWER_BYTES, type Interpreter, lendReading, lendWriting, readAnswer } from "./interpreter.ts";
import { newOutput } from "./output.ts";
import { newMicroPython } from "./python-host.ts";
import { pythonImage } from "./python-image.ts";
import { newSession, pythonErrorOf } from "./python-session.ts";
import { rewritePython } from "./python-source.ts";
import { seededRandom } from "./seeded-random.ts";

export const runPython: Interpreter = (run) => {
  let sink = run.output;
  const guest = newMicroPython({
    memoryBytes: run.budget.memoryBytes,
    now: () => run.now,
    random: seededRandom(run.seed),
    write: (bytes) => sink.write(bytes),
    fuel: run.fuel,
  });
  new Uint8Array(guest.memory.buffer).set(pythonImage());
  const { define, execute } = newSession(guest);

  lendReading(run);
  define("_code", rewritePython(run.code, run.context));
  if (run.context !== undefined) {
    define("_context", run.context);
    execute("_read()");
  }
  run.fuel.start();
  execute(run.context === undefined ? "_check()" : "_run()");
  lendWriting(run.fuel, run.budget.outputBytes);
  const answer = newOutput(ANSWER_BYTES + run.budget.outputBytes, "the result has");
  sink = answer;
  execute(`_write(${run.budget.depth}, ${run.asTruth ? "True" : "False"})`);
  return readAnswer(answer.text(), pythonErrorOf);
};
