// Where JavaScript here is not Node's or a browser's: names that people expect and that a snippet does not have. Found in the text outside of
// literals and comments. Syntax errors are the interpreter's to find.

import type { Finding } from "./finding.ts";

const ABSENT: Readonly<Record<string, string>> = {
  fetch: "a snippet has no network: use an HTTP action of the workflow",
  XMLHttpRequest: "a snippet has no network: use an HTTP action of the workflow",
  WebSocket: "a snippet has no network",
  require: "there are no modules here",
  module: "there are no modules here",
  exports: "there are no modules here",
  process: "a snippet sees nothing of the machine that it runs on",
  setTimeout: "there are no timers here: use a delay in the workflow",
  setInterval: "there are no timers here: use a delay in the workflow",
  setImmediate: "there are no timers here",
  queueMicrotask: "use Promise.resolve().then(…)",
  Buffer: "use text, arrays or Uint8Array",
  Intl: "numbers and dates cannot be formatted by language here",
  window: "there is no page here",
  document: "there is no page here",
  localStorage: "nothing is kept from one run to the next",
  URL: "take the address apart with a pattern",
  URLSearchParams: "use encodeURIComponent",
  TextEncoder: "it does not exist here",
  TextDecoder: "it does not exist here",
  structuredClone: "use JSON.parse(JSON.stringify(value))",
  crypto: "it does not exist here; Math.random() does",
  atob: "it does not exist here",
  btoa: "it does not exist here",
  SharedArrayBuffer: "there are no threads here",
  Atomics: "there are no threads here",
};

/** Methods that exist and answer otherwise. */
const PLAIN: Readonly<Record<string, string>> = {
  toLocaleString: "has no languages here: it writes numbers plainly and dates as in English",
  toLocaleDateString: "has no languages here",
  toLocaleTimeString: "has no languages here",
  localeCompare: "compares by code here, not by language",
};

/** Literals and comments; a slash where a value may begin starts a pattern. Template literals are blanked with what is in them. */
const OPAQUE =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"|`(?:[^`\\]|\\[\s\S])*(?:`|$)|(?<=(?:^|[=(,:;!&|?{}[\n+]|\breturn)[ \t]*)\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g;

const blank = (code: string): string => code.replace(OPAQUE, (text) => text.replace(/[^\n]/g, " "));

export const findInJavascript = (code: string): Finding[] => {
  const text = blank(code);
  const declared = new Set(
    [
      ...text.matchAll(
        /\b(?:const|let|var|function\*?|class)\s+([\w$]+)|\b([\w$]+)\s*=>|[({,]\s*([\w$]+)\s*(?=[,})=])/g,
      ),
    ].map((found) => found[1] ?? found[2] ?? found[3]),
  );
  const seen = new Set<string>();
  const findings: Finding[] = [];
  let line = 1;
  let at = 0;
  for (const { 0: name, index } of text.matchAll(/[\w$]+/g)) {
    const isMember = /\.\s*$/.test(text.slice(Math.max(0, index - 20), index)) && !text.slice(0, index).endsWith("...");
    const why = isMember ? Object.hasOwn(PLAIN, name) && PLAIN[name] : Object.hasOwn(ABSENT, name) && ABSENT[name];
    if (!why || seen.has(name)) continue;
    if (
      !isMember &&
      (declared.has(name) || /^\s*:(?!:)/.test(text.slice(index + name.length, index + name.length + 20)))
    )
      continue;
    seen.add(name);
    for (; at < index; at++) if (text[at] === "\n") line++;
    const message = isMember ? `${name}() ${why}` : `${name} does not exist here: ${why}`;
    findings.push({ line, message: message.replace(": it does not exist here", ""), severity: "warning" });
  }
  return findings;
};
