// What MicroPython lacks of the Python that people write every day, in the order in which it is run, once for each isolate. A snippet sees
// none of these names: they are the globals of another module. Written in what MicroPython understands. A part knows those before it.

import { CONTAINERS } from "./containers.ts";
import { DATES } from "./dates.ts";
import { FORMAT } from "./format.ts";
import { NUMBERS } from "./numbers.ts";
import { REGEX } from "./regex.ts";
import { REGEX_PATTERN } from "./regex-pattern.ts";
import { TEXT } from "./text.ts";
import { TEXTS } from "./texts.ts";
import { TYPES } from "./types.ts";

/** Run in the dict that SPACE of types.ts makes, with `_unicode_json` (the JSON of unicode.ts) among the modules. */
export const PRELUDE: readonly string[] = [
  TYPES,
  TEXT,
  FORMAT,
  NUMBERS,
  CONTAINERS,
  REGEX_PATTERN,
  REGEX,
  DATES,
  TEXTS,
];
