// The Idempotency-Key of writing requests, for verbs that do not mind it by themselves.
import { once } from "../../domain/idempotency/once.ts";
import type { ApiContext } from "../shared/api.ts";
import { idempotencyKeyOf } from "../shared/idempotency-key.ts";

/** Carries the request out, or gives the answer that it was given before, and says so in `Idempotency-Replayed`. */
export const answerOnce = async (
  c: ApiContext,
  body: unknown,
  answer: () => Response | Promise<Response>,
): Promise<Response> => {
  const { idempotencyKey: key } = idempotencyKeyOf(c);
  if (key === undefined) return answer();
  const asked = JSON.stringify([c.req.method, c.req.path, c.req.query(), body ?? null]);
  const answered = await once(c.var.context, { key, asked }, async () => {
    const first = await answer();
    return { status: first.status, body: await first.text() };
  });
  const { status, body: text } = answered.answer;
  if (answered.isAgain) c.header("Idempotency-Replayed", "true");
  return c.body(text, status as 200, { "Content-Type": "application/json" });
};
