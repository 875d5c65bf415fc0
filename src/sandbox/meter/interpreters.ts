// Which interpreters are metered, from which npm packages, and what their hosts see of them. Run by build.ts and by the test
// that rebuilds src/sandbox/gen; never part of the Worker.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { MEMORY_PAGES } from "../pages.ts";
import { type MeterOptions, meterWasm } from "./meter-wasm.ts";

const folderOf = (name: string): string => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
const same = (...names: string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, name]));

const micropython = (): Uint8Array => {
  return meterWasm(readFileSync(join(folderOf("@micropython/micropython-webassembly-pyscript"), "micropython.wasm")), {
    memoryPages: MEMORY_PAGES.micropython,
    exports: same(
      ...["memory", "__indirect_function_table", "__wasm_call_ctors", "malloc", "setThrew"],
      ...["emscripten_stack_init", "emscripten_stack_get_current", "_emscripten_stack_restore"],
      ...["mp_js_init", "mp_js_register_js_module", "mp_js_do_exec"],
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
const quickjsNames = (glue: string): Pick<MeterOptions, "exports" | "imports"> => {
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
