// Which interpreters are metered, from which npm packages, and what their hosts see of them. Run by build.ts and by the test
// that rebuilds src/sandbox/gen; never part of the Worker.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { MEMORY_PAGES } from "../pages.ts";
import { type MeterOptions, meterWasm } from "./meter-wasm.ts";

const folderOf = (name: string): string => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
const same = (...names: string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, name]));

/** Replaces the only place of `module` that has these bytes; a new release in which it moved stops the build. */
const replaceOnce = (module: Buffer, what: string, from: readonly number[], to: readonly number[]): Buffer => {
  const at = module.indexOf(Buffer.from(from));
  if (at < 0 || module.indexOf(Buffer.from(from), at + 1) >= 0 || to.length !== from.length)
    throw new Error(`micropython: ${what} is no longer where it was`);
  return Buffer.concat([module.subarray(0, at), Buffer.from(to), module.subarray(at + from.length)]);
};

/** The end of `mp_map_init` of py/map.c: `map->flags = …; map->table = table`. */
const mapInit = (flags: number): number[] => [
  ...[0x20, 0x00, 0x41, flags, 0x36, 0x02, 0x00],
  ...[0x20, 0x00, 0x20, 0x01, 0x36, 0x02, 0x08, 0x0b],
];
const ALL_KEYS_ARE_QSTRS = 1;
const IS_ORDERED = 4;

/** A new dict is ordered, as everywhere else in the world: what MicroPython keeps for OrderedDict alone. */
const withOrderedDicts = (module: Buffer): Buffer =>
  replaceOnce(module, "mp_map_init", mapInit(ALL_KEYS_ARE_QSTRS), mapInit(ALL_KEYS_ARE_QSTRS | IS_ORDERED));

/** A step of the loop of `uni_print_quoted` in py/objstrunicode.c: the character at local 1, and its successor. */
const step = (read: readonly number[], next: readonly number[]): number[] => [
  ...[0x20, 0x01, ...read, 0x21, 0x02],
  ...[0x20, 0x01, ...next, 0x21, 0x01],
];
const BY_CHARACTER = step([0x10, 0x80, 0x81, 0x80, 0x80, 0x00], [0x10, 0x81, 0x81, 0x80, 0x80, 0x00]);
const BY_BYTE = step([0x2d, 0x00, 0x00, 0x01, 0x01, 0x01], [0x41, 0x01, 0x6a, 0x01, 0x01, 0x01]);
/** `ch - 32 > most`, which decides what it escapes, and the branch to there. */
const isEscaped = (most: number): number[] => {
  const low = (most & 0x7f) | 0x80;
  return [...[0x20, 0x02, 0x41, 0x60, 0x6a, 0x41, low, most >> 7, 0x4b, 0x0d, 0x00], ...[0x20, 0x03, 0x20, 0x02, 0x36]];
};

/** `repr('سلام')` shows the letters and not their numbers: the bytes of UTF-8 beyond ASCII pass as they are. */
const withReadableRepr = (module: Buffer): Buffer =>
  replaceOnce(
    replaceOnce(module, "uni_print_quoted", BY_CHARACTER, BY_BYTE),
    "its test",
    isEscaped(94),
    isEscaped(223),
  );

const micropython = (): Uint8Array => {
  const file = join(folderOf("@micropython/micropython-webassembly-pyscript"), "micropython.wasm");
  return meterWasm(withReadableRepr(withOrderedDicts(readFileSync(file))), {
    memoryPages: MEMORY_PAGES.micropython,
    whenEmpty: "_abort_js",
    exports: same(
      ...["memory", "__indirect_function_table", "__wasm_call_ctors", "malloc", "setThrew"],
      ...["emscripten_stack_init", "emscripten_stack_get_current", "_emscripten_stack_restore"],
      ...["mp_js_init", "mp_js_register_js_module", "mp_js_do_exec", "mp_sched_keyboard_interrupt"],
    ),
  });
};

/** What identifies each import of QuickJS in the package's minified glue, so that a new release cannot silently shift a letter. */
const QUICKJS_IMPORTS: Record<string, RegExp> = {
  assert_fail: /\bva=\{(\w+):[^}]*Assertion failed/,
  abort: /[,{](\w+):\(\)=>L\(""\)/,
  keepalive_clear: /[,{](\w+):\(\)=>\{Q=!1;S=0\}/,
  localtime: /[,{](\w+):function\(a,d\)\{a=-9007199254740992>a/,
  setitimer: /[,{](\w+):\(a,d\)=>\{T\[a\]&&\(clearTimeout/,
  tzset: /[,{](\w+):\(a,d,b,e\)=>\{var f=\(new Date\)\.getFullYear\(\)/,
  date_now: /[,{](\w+):\(\)=>Date\.now\(\)/,
  resize_heap: /[,{](\w+):a=>\{var d=G\.length/,
  environ_get: /[,{](\w+):\(a,d\)=>\{var b=0,e=0,f/,
  environ_sizes_get: /[,{](\w+):\(a,d\)=>\{var b=pa\(\)/,
  fd_close: /[,{](\w+):\(\)=>52/,
  fd_seek: /[,{](\w+):function\(\)\{return 70\}/,
  fd_write: /[,{](\w+):\(a,d,b,e\)=>\{for\(var f=0/,
  memory: /[,{](\w+):r,/,
  exit: /[,{](\w+):na[,}]/,
  call_function: /[,{](\w+):function\([^)]*\)\{return c\.callbacks\.callFunction/,
  should_interrupt: /[,{](\w+):function\([^)]*\)\{return c\.callbacks\.shouldInterrupt/,
  load_module: /[,{](\w+):function\([^)]*\)\{b=R\(b\);return c\.callbacks\.loadModuleSource/,
  normalize_module: /[,{](\w+):function\([^)]*\)\{b=R\(b\);e=R\(e\);return c\.callbacks\.normalizeModule/,
  free_host_ref: /[,{](\w+):function\([^)]*\)\{c\.callbacks\.freeHostRef/,
};

const QUICKJS_EXPORTS = [
  ...["malloc", "QTS_NewRuntime", "QTS_RuntimeSetMaxStackSize", "QTS_NewContext", "QTS_GetUndefined"],
  ...["QTS_NewString", "QTS_GetString", "QTS_NewFunction", "QTS_ArgvGetJSValueConstPointer"],
  ...["QTS_Eval", "QTS_Call", "QTS_ExecutePendingJob", "QTS_ResolveException"],
];

/** The letters that the minifier chose for this release, read from the glue that was minified with the module. */
const quickjsNames = (glue: string): Pick<MeterOptions, "exports" | "imports" | "whenEmpty"> => {
  const letter = (name: string, pattern: RegExp): string => {
    const found = pattern.exec(glue)?.[1];
    if (!found) throw new Error(`quickjs: the glue no longer shows ${name}`);
    return found;
  };
  return {
    exports: {
      __wasm_call_ctors: letter("constructors", /J=!0;Z\.(\w+)\(\)/),
      ...Object.fromEntries(
        QUICKJS_EXPORTS.map((name) => [name, letter(name, new RegExp(`c\\._${name}=b\\.([\\w$]+)`))]),
      ),
    },
    imports: Object.fromEntries(
      Object.entries(QUICKJS_IMPORTS).map(([name, pattern]) => [letter(name, pattern), name]),
    ),
    whenEmpty: letter("abort", QUICKJS_IMPORTS.abort!),
  };
};

const quickjs = (): Uint8Array => {
  const folder = join(folderOf("@jitl/quickjs-wasmfile-release-sync"), "dist");
  return meterWasm(readFileSync(join(folder, "emscripten-module.wasm")), {
    memoryPages: MEMORY_PAGES.quickjs,
    ...quickjsNames(readFileSync(join(folder, "emscripten-module.browser.mjs"), "utf8")),
  });
};

/** File name in src/sandbox/gen -> the metered module, made from the installed packages. */
export const interpreters: Readonly<Record<string, () => Uint8Array>> = {
  "micropython.wasm": micropython,
  "quickjs.wasm": quickjs,
};
