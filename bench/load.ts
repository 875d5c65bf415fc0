// Sends requests over kept-open connections, from this process. Its CPU time is its own; what is measured is workerd's.
import { Agent, request } from "node:http";

export type Load = {
  url: string;
  method?: string;
  /** Body of the request with this number. */
  body?: (n: number) => unknown;
  requests: number;
  connections: number;
  /** The answer to the request with this number. */
  answered?: (n: number, text: string) => void;
};

/** Milliseconds from the first request to the last answer. Throws at the first answer that is not 2xx. */
export const send = async ({ url, method = "POST", body, requests, connections, answered }: Load): Promise<number> => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: "fifo" });
  const one = (n: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const payload = body ? Buffer.from(JSON.stringify(body(n))) : undefined;
      const headers = payload ? { "content-type": "application/json", "content-length": payload.byteLength } : {};
      const sent = request(url, { method, agent, headers }, (response) => {
        const { statusCode = 0 } = response;
        let text = "";
        response
          .setEncoding("utf8")
          .on("data", (chunk) => (text += chunk))
          .on("end", () => {
            if (statusCode < 200 || statusCode > 299) {
              return reject(new Error(`${method} ${url} answered ${statusCode}: ${text.slice(0, 300)}`));
            }
            answered?.(n, text);
            resolve();
          });
      });
      sent.on("error", reject).end(payload);
    });
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < requests) await one(next++);
  };
  const before = performance.now();
  try {
    await Promise.all(Array.from({ length: Math.min(connections, requests) }, lane));
  } finally {
    agent.destroy();
  }
  return performance.now() - before;
};
