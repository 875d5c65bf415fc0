// Where outgoing requests go: a small HTTP server in a process of its own, which answers 200 and counts. Started with `startTarget`, or by fork.
import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Target = {
  port: number;
  /** Requests so far. */
  count(): Promise<number>;
  stop(): void;
};

export const startTarget = async (): Promise<Target> => {
  const child = fork(import.meta.filename, { stdio: "inherit" });
  const [port] = (await once(child, "message")) as [number];
  return {
    port,
    count: async () => {
      child.send("count");
      const [count] = (await once(child, "message")) as [number];
      return count;
    },
    stop: () => child.kill(),
  };
};

const serve = async (): Promise<void> => {
  let count = 0;
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      count++;
      response.writeHead(200, { "content-type": "application/json", "content-length": 11 }).end('{"ok":true}');
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  process.on("message", () => process.send!(count));
  process.on("disconnect", () => process.exit());
  process.send!((server.address() as AddressInfo).port);
};

if (process.argv[1] === import.meta.filename && process.send) await serve();
