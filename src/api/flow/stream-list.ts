// A JSON array that is written as its pages are read: a user's flows together may be larger than what a Worker may hold.
import type { ApiContext } from "../shared/api.ts";

/** The first page is read before anything is answered, so that what is wrong by then has its status. */
export const streamList = async <T>(
  c: ApiContext,
  pages: AsyncGenerator<T[], void>,
  write: (one: T) => unknown,
): Promise<Response> => {
  const first = await pages.next();
  const encoder = new TextEncoder();
  let page = first.value ?? [];
  let isBegun = false;
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const text = page.map((one) => JSON.stringify(write(one))).join(",");
      controller.enqueue(encoder.encode(isBegun ? text && `,${text}` : `[${text}`));
      isBegun = true;
      const next = await pages.next();
      if (!next.done) {
        page = next.value;
        return;
      }
      controller.enqueue(encoder.encode("]"));
      controller.close();
    },
  });
  return c.body(body, { headers: { "Content-Type": "application/json" } });
};
