// MESSAGING "Consent".
import { describe, expect, it } from "vitest";
import { optWordOf } from "../../../src/domain/contact/opt-words.ts";

describe("opt words", () => {
  it.each(["STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"])("%s opts out", (word) => {
    for (const body of [word, word.toLowerCase(), ` ${word}\r\n`, word[0] + word.slice(1).toLowerCase()])
      expect(optWordOf(body)).toEqual({ meaning: "opt_out", word });
  });
  it.each(["START", "YES", "UNSTOP"])("%s opts in", (word) => {
    for (const body of [word, word.toLowerCase(), `\t${word} `])
      expect(optWordOf(body)).toEqual({ meaning: "opt_in", word });
  });
  it.each(["HELP", "INFO"])("%s asks for help", (word) => {
    expect(optWordOf(word.toLowerCase())).toEqual({ meaning: "help", word });
  });
  it.each(["\u200fSTOP", "STOP\u200b", "\u2066stop\u2069", "ST\u00adOP", "ＳＴＯＰ", "\ufeffStop\ufe0f"])(
    "%j looks like STOP, and is",
    (body) => expect(optWordOf(body)).toEqual({ meaning: "opt_out", word: "STOP" }),
  );
  it("sToP is one", () => expect(optWordOf("sToP")).toEqual({ meaning: "opt_out", word: "STOP" }));
  it.each([
    "Stop please",
    "please stop",
    "STOP.",
    "S T O P",
    "STOPP",
    "",
    "  ",
    "yes please",
    "constructor",
    "__proto__",
  ])("%j is none", (body) => expect(optWordOf(body)).toBeUndefined());
});
