// The JavaScript that stands between the host and a snippet: `console`, how the input comes in, how a result or an error goes
// out. Manners, not walls: walls are javascript.ts and the meter.

/** File name of the user's code in traces. */
export const SNIPPET = "snippet";

/**
 * The snippet as a function, on the lines that it has: `return` and `await` work, and `result` may be assigned as well as
 * declared, because the parameter of that name is in an outer scope.
 */
export const wrapJavascript = (code: string): string =>
  `(async function (context, result) {{${code}\n;return result}})`;

/**
 * Compiled, never run, before the other: with one bracket around the code instead of two, a snippet that closes the function
 * around it and opens another is a syntax error.
 */
export const wrapForSyntax = (code: string): string => `async () => {${code}\n}`;

/**
 * Evaluates to `(print) => (request, value?) => text`. Requests: `read` the input's JSON, `run` the snippet, `write` the answer,
 * `fail` with an error. Everything it uses is its own, whatever the snippet does to the globals.
 */
export const JAVASCRIPT_HARNESS = `(function (print) {
  "use strict";
  const { parse, stringify } = JSON, text = String;
  const own = (method) => Function.prototype.call.bind(method);
  const isError = own(Object.prototype.isPrototypeOf).bind(null, Error.prototype);
  const cut = own(String.prototype.slice);
  const attempt = (work, otherwise) => {
    try { return work(); } catch { return otherwise; }
  };
  const show = (value) => {
    if (typeof value === "string") return value;
    if (isError(value)) return value.name + ": " + value.message;
    if (typeof value === "object" && value !== null) return attempt(() => stringify(value)) ?? text(value);
    return text(value);
  };
  const log = (...values) => {
    let line = "";
    for (let index = 0; index < values.length; index++) line += (index ? " " : "") + show(values[index]);
    print(stringify(line + "\\n"));
  };
  globalThis.console = { log, info: log, warn: log, error: log, debug: log };
  globalThis.print = log;

  const fail = (name, message, trace) => "E" + stringify([cut(name, 0, 200), cut(message, 0, 2000), cut(trace, 0, 4000)]);
  const failure = (error) => attempt(
    () => isError(error)
      ? fail(text(error.name), text(error.message), text(error.stack))
      : fail("Error", show(error), ""),
    fail("Error", "the snippet threw what cannot be shown", ""),
  );
  let context, result;
  let answer = fail("Error", "the snippet waits for something that never comes", "");
  const run = async (snippet) => {
    try { result = await snippet(context), answer = ""; } catch (error) { answer = failure(error); }
  };
  const requests = {
    __proto__: null,
    read(json) { context = parse(json); },
    run(snippet) { run(snippet); },
    write(asTruth) {
      if (answer) return answer;
      if (result === undefined) return "N";
      if (asTruth) return result ? "Rtrue" : "Rfalse";
      try { return "R" + (stringify(result) ?? "null"); } catch (error) { return failure(error); }
    },
    fail: failure,
  };
  return (request, value) => requests[request](value) ?? "";
})`;
