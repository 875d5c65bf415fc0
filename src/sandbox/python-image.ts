// The memory of a MicroPython in which the prelude and the harness have run, made once for each isolate and copied into every run's own
// instance. It holds nothing of any user.

import { newFuel } from "./fuel.ts";
import { MEMORY_PAGES, PAGE } from "./pages.ts";
import { PRELUDE } from "./prelude/prelude.ts";
import { SPACE } from "./prelude/types.ts";
import { readUnicode } from "./prelude/unicode.ts";
import { PYTHON_HARNESS } from "./python-harness.ts";
import { newMicroPython } from "./python-host.ts";
import { newSession } from "./python-session.ts";

/** Words of Python's own stack: more than its nested calls need before C's stack of 32 KiB ends, at about 150 of them. */
const PYTHON_STACK_WORDS = 16 << 10;
/** What the prelude leaves in use and a snippet's first objects; the heap doubles from here up to the budget. */
const FIRST_HEAP_BYTES = 512 << 10;
/** The prelude and the harness burn 10 million. */
const BOOT_UNITS = 100_000_000;

/** What reaches into memory is no longer among the modules; a snippet that gets at it all the same harms its own instance. */
const FINISH = `
_read, _run, _check, _write = _space['_entries']
del _part
for _name in ('gc', 'uctypes', 'js', 'jsffi'): sys.modules.pop(_name, None)
`;

let image: Uint8Array | undefined;

const lastByteOf = (memory: Uint8Array): number => {
  let end = memory.length;
  while (end > 0 && memory[end - 1] === 0) end--;
  return end;
};

const boot = (): Uint8Array => {
  const fuel = newFuel(BOOT_UNITS);
  const refuse = (): never => {
    throw new Error("the prelude reached for something that belongs to a run");
  };
  const guest = newMicroPython({ memoryBytes: 0, now: refuse, random: refuse, write: refuse, fuel });
  fuel.lend(BOOT_UNITS, "the interpreter did not start");
  guest.__wasm_call_ctors();
  guest.mp_js_init(PYTHON_STACK_WORDS, FIRST_HEAP_BYTES);
  const session = newSession(guest);
  session.define("_unicode_json", JSON.stringify(readUnicode()));
  session.execute(SPACE);
  for (const part of [...PRELUDE, PYTHON_HARNESS]) {
    session.define("_part", part);
    session.execute("import _part, sys\ndel sys.modules['_part']\nexec(_part, _space)");
  }
  session.execute(FINISH);
  const memory = new Uint8Array(guest.memory.buffer);
  if (memory.length > MEMORY_PAGES.micropython.min * PAGE) throw new Error("the prelude needs more MEMORY_PAGES");
  return memory.slice(0, lastByteOf(memory));
};

/** The image; the first call of an isolate takes some tens of milliseconds. */
export const pythonImage = (): Uint8Array => {
  image ??= boot();
  return image;
};
