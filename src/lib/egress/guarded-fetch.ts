// One outgoing request under guard: judged, its redirects followed by hand and judged again, its answer counted and timed. Never throws.
// Which bodies and headers are sent, and whether to repeat, is the caller's.

import { type Deadline, startDeadline } from "../deadline.ts";
import { mayHaveLeft } from "../may-have-left.ts";
import { readCapped } from "../read-capped.ts";
import { firstHop } from "./first-hop.ts";
import { judgeUrl } from "./judge-url.ts";
import { type Hop, isRedirect, nextHop } from "./redirect.ts";
import type { EgressAnswer, EgressFailure, EgressRequest, EgressRules } from "./rules.ts";

const fail = (kind: EgressFailure["kind"], message: string, sent: boolean): EgressFailure => ({
  ok: false,
  kind,
  message,
  sent,
});

const broken = (error: unknown, deadline: Deadline, timeoutMs: number, sent: boolean): EgressFailure => {
  if (deadline.expired()) return fail("timeout", `no complete answer within ${timeoutMs} ms`, sent);
  if (deadline.signal.aborted) return fail("network", "given up by the caller", sent);
  return fail("network", error instanceof Error ? error.message : String(error), sent);
};

/** Any HTTP answer (4xx and 5xx are answers too), or a failure that says whether the target may have seen a request. */
export const guardedFetch = async (
  request: EgressRequest,
  rules: EgressRules,
  fetchImpl: typeof fetch,
): Promise<EgressAnswer | EgressFailure> => {
  const first = firstHop(request, rules);
  if (!first.ok) return fail("refused", first.error.message, false);
  if (request.signal?.aborted) return fail("network", "given up by the caller", false);
  const deadline = startDeadline(rules.timeoutMs, request.signal);
  const progress = { sent: false };
  try {
    return await deadline.race(follow(first.value, rules, fetchImpl, deadline.signal, progress));
  } catch (error) {
    return broken(error, deadline, rules.timeoutMs, progress.sent || mayHaveLeft(error));
  }
};

/** The first answer that is no redirect, whole. Throws when the exchange breaks off; `progress` then says whether anybody has answered. */
const follow = async (
  first: Hop,
  rules: EgressRules,
  fetchImpl: typeof fetch,
  signal: AbortSignal,
  progress: { sent: boolean },
): Promise<EgressAnswer | EgressFailure> => {
  let hop = first;
  for (let redirects = 0; ; redirects++) {
    const { url, ...init } = hop;
    const answer = await fetchImpl(url.href, { ...init, redirect: "manual", signal });
    progress.sent = true;
    // Given up meanwhile: nobody waits for what the next hop would do.
    signal.throwIfAborted();
    if (!isRedirect(answer)) {
      const body = await readCapped(answer, rules.maxBytes);
      if (!body) return fail("too_large", `the answer is longer than ${rules.maxBytes} bytes`, true);
      return { ok: true, status: answer.status, headers: answer.headers, body, url: url.href };
    }
    await answer.body?.cancel().catch(() => undefined);
    if (redirects === rules.maxRedirects)
      return fail("too_many_redirects", `more than ${rules.maxRedirects} redirects`, true);
    const location = answer.headers.get("location")!;
    if (!URL.canParse(location, url.href)) return fail("refused", "redirected to a malformed URL", true);
    const judged = judgeUrl(new URL(location, url.href).href, rules);
    if (!judged.ok) return fail("refused", `redirect refused: ${judged.error.message}`, true);
    hop = nextHop(hop, answer.status, judged.value);
    signal.throwIfAborted();
  }
};
