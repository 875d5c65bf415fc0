// One guarded request against a real HTTP server on loopback: redirects, credentials, caps, time, loops.
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_LIMITS, type EgressRules, guardedFetch, HOP_HEADER, hopsOf } from "../../../src/lib/egress.ts";

type Seen = { method: string; path: string; host: string; headers: IncomingMessage["headers"]; body: string };
let here: Server;
let there: Server;
let base = "";
let other = "";
let rules: EgressRules;
const seen: Seen[] = [];

const respond = (): Server =>
  createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url!, "http://x");
    seen.push({
      method: request.method!,
      path: url.pathname,
      host: request.headers.host!,
      headers: request.headers,
      body,
    });
    const to = url.searchParams.get("to");
    if (url.pathname === "/redirect")
      response.writeHead(Number(url.searchParams.get("status")), to ? { location: to } : {}).end("moved");
    else if (url.pathname === "/chain") {
      const left = Number(url.searchParams.get("left"));
      response.writeHead(302, { location: left > 1 ? `/chain?left=${left - 1}` : "/end" }).end();
    } else if (url.pathname === "/endless") {
      response.writeHead(200);
      const more = () => response.write("x".repeat(10_000), () => setImmediate(more));
      response.on("close", () => response.removeAllListeners());
      more();
    } else if (url.pathname === "/promises") response.writeHead(200, { "content-length": "5000000" }).write("x");
    else if (url.pathname === "/hang") return;
    else if (url.pathname === "/slow-body") response.writeHead(200).write("x");
    else if (url.pathname === "/reset") request.socket.resetAndDestroy();
    else if (url.pathname === "/cut") {
      response.writeHead(200, { "content-length": "100" }).write("x");
      setTimeout(() => request.socket.destroy(), 20);
    } else
      response
        .writeHead(Number(url.searchParams.get("status") ?? 200), { "x-answer": "yes" })
        .end(`${request.method} ok`);
  });

const listen = async (server: Server) => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};

beforeAll(async () => {
  here = respond();
  there = respond();
  const hosts = [await listen(here), await listen(there)];
  base = `http://${hosts[0]}`;
  other = `http://${hosts[1]}`;
  rules = { production: true, allowHosts: hosts, ownHosts: ["own.example.com"], ...DEFAULT_LIMITS, timeoutMs: 2_000 };
});
beforeEach(() => {
  seen.length = 0;
});
afterAll(() => {
  for (const server of [here, there]) {
    server.closeAllConnections();
    server.close();
  }
});

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const get = (path: string, more: Partial<EgressRules> = {}) =>
  guardedFetch({ url: `${base}${path}` }, { ...rules, ...more }, fetch);

describe("guardedFetch", () => {
  it("sends method, headers and body, and returns status, headers and bytes", async () => {
    const answer = await guardedFetch(
      {
        url: `${base}/x?status=404`,
        method: "post",
        headers: { "X-Mine": "1", "Content-Type": "text/plain" },
        body: "grüße",
      },
      rules,
      fetch,
    );
    expect(answer).toMatchObject({ ok: true, status: 404, url: `${base}/x?status=404` });
    if (!answer.ok) throw new Error("unreachable");
    expect(text(answer.body)).toBe("POST ok");
    expect(answer.headers.get("x-answer")).toBe("yes");
    expect(seen).toMatchObject([
      { method: "POST", body: "grüße", headers: { "x-mine": "1", "content-type": "text/plain" } },
    ]);
  });

  it("drops a user's connection headers and any body of a GET", async () => {
    const headers = {
      Host: "evil.example",
      Connection: "close, x",
      "Transfer-Encoding": "chunked",
      "Content-Length": "3",
      Upgrade: "h2c",
    };
    expect(await guardedFetch({ url: `${base}/x`, headers, body: "abc" }, rules, fetch)).toMatchObject({ ok: true });
    expect(seen[0]).toMatchObject({ method: "GET", body: "", host: base.slice(7) });
    expect(seen[0]!.headers.upgrade).toBeUndefined();
  });

  it.each([
    [{ url: "https://169.254.169.254/" }, "169.254.169.254 is not a public address"],
    [{ url: "https://own.example.com/" }, "own.example.com is this service itself"],
    [{ url: "https://example.com/", method: "CONNECT" }, "the method CONNECT is not allowed"],
    [{ url: "https://example.com/", method: "TRACE" }, "the method TRACE is not allowed"],
    [{ url: "https://example.com/", method: "GET / HTTP/1.1" }, "the method GET / HTTP/1.1 is not allowed"],
    [{ url: "https://example.com/", headers: { "X-A": "1\r\nX-B: 2" } }, "a header's name or value is malformed"],
    [{ url: "https://example.com/", headers: { "X A": "1" } }, "a header's name or value is malformed"],
  ])("refuses %j without sending", async (request, message) => {
    const never = () => Promise.reject(new Error("must not be called"));
    expect(await guardedFetch(request, rules, never)).toEqual({ ok: false, kind: "refused", message, sent: false });
  });

  describe("redirects", () => {
    it.each([
      [301, "POST", "GET", ""],
      [302, "POST", "GET", ""],
      [303, "POST", "GET", ""],
      [303, "PUT", "GET", ""],
      [301, "PUT", "PUT", "body"],
      [302, "DELETE", "DELETE", "body"],
      [307, "POST", "POST", "body"],
      [308, "POST", "POST", "body"],
      [303, "HEAD", "HEAD", ""],
      [302, "GET", "GET", ""],
    ])("%i turns %s into %s", async (status, method, becomes, body) => {
      const headers = { "Content-Type": "text/plain" };
      const answer = await guardedFetch(
        { url: `${base}/redirect?status=${status}&to=/end`, method, headers, body: "body" },
        rules,
        fetch,
      );
      expect(answer).toMatchObject({ ok: true, status: 200, url: `${base}/end` });
      expect(seen.map((request) => request.path)).toEqual(["/redirect", "/end"]);
      expect(seen[1]).toMatchObject({ method: becomes, body });
      if (becomes === "GET" && method !== "GET") expect(seen[1]!.headers["content-type"]).toBeUndefined();
    });

    it("follows three and not four", async () => {
      expect(await get("/chain?left=3")).toMatchObject({ ok: true, url: `${base}/end` });
      expect(seen.length).toBe(4);
      seen.length = 0;
      expect(await get("/chain?left=4")).toEqual({
        ok: false,
        kind: "too_many_redirects",
        message: "more than 3 redirects",
        sent: true,
      });
      expect(seen.length).toBe(4);
    });

    it("leaves a 3xx without a Location, and 304, as answers", async () => {
      expect(await get("/redirect?status=302")).toMatchObject({ ok: true, status: 302 });
      expect(await get("/x?status=304")).toMatchObject({ ok: true, status: 304 });
    });

    it.each([
      ["http://169.254.169.254/latest/meta-data/", /only https is allowed/],
      ["https://169.254.169.254/latest/meta-data/", /not a public address/],
      ["https://[::ffff:127.0.0.1]/", /not a public address/],
      ["https://metadata.google.internal/", /not a public name/],
      ["https://own.example.com/", /this service itself/],
      ["https://u:p@example.com/", /credentials/],
      ["file:///etc/passwd", /scheme file/],
      ["//127.0.0.1:1/", /only https|not allowed/],
      ["https://", /malformed URL/],
    ])("judges the hop to %s again", async (to, message) => {
      const answer = await get(`/redirect?status=307&to=${encodeURIComponent(to)}`);
      expect(answer).toMatchObject({ ok: false, kind: "refused", sent: true });
      expect(!answer.ok && answer.message).toMatch(message);
      expect(seen.length).toBe(1);
    });

    const credentials = {
      Authorization: "Bearer secret",
      Cookie: "a=b",
      "Proxy-Authorization": "Basic eA==",
      "X-Api-Key": "k",
      "X-Auth-Token": "t",
      "X-Functions-Key": "f",
      "X-Session-Id": "s",
      "X-Signature": "sha256=00",
      "X-Customer": "a secret, for all we know",
      Accept: "text/plain",
      "Idempotency-Key": "e:n:1",
    };
    it("keeps credentials on the same host", async () => {
      await guardedFetch({ url: `${base}/redirect?status=307&to=/end`, headers: credentials }, rules, fetch);
      expect(seen[1]!.headers).toMatchObject({ authorization: "Bearer secret", cookie: "a=b", "x-api-key": "k" });
      expect(seen[1]!.headers["x-customer"]).toBeDefined();
    });
    it("strips them across hosts, and does not bring them back on the way home", async () => {
      const back = encodeURIComponent(`${base}/end`);
      const url = `${base}/redirect?status=307&to=${encodeURIComponent(`${other}/redirect?status=307&to=${back}`)}`;
      expect(await guardedFetch({ url, headers: credentials }, rules, fetch)).toMatchObject({
        ok: true,
        url: `${base}/end`,
      });
      expect(seen.length).toBe(3);
      for (const request of seen.slice(1)) {
        const secret = Object.keys(credentials)
          .slice(0, -2)
          .map((name) => name.toLowerCase());
        for (const name of secret) expect(request.headers[name], name).toBeUndefined();
        expect(request.headers).toMatchObject({
          accept: "text/plain",
          "idempotency-key": "e:n:1",
          "x-signalbox-hop": "1",
        });
      }
    });
  });

  describe("caps", () => {
    it("stops an endless answer at the byte", async () => {
      expect(await get("/endless", { maxBytes: 100_000 })).toEqual({
        ok: false,
        kind: "too_large",
        message: "the answer is longer than 100000 bytes",
        sent: true,
      });
    });
    it("believes a Content-Length that is too long", async () => {
      expect(await get("/promises")).toMatchObject({ ok: false, kind: "too_large", sent: true });
    });
    it("allows exactly the cap", async () => {
      expect(await get("/x", { maxBytes: 6 })).toMatchObject({ ok: true });
      expect(await get("/x", { maxBytes: 5 })).toMatchObject({ ok: false, kind: "too_large" });
    });
    it.each(["/hang", "/slow-body", "/redirect?status=302&to=/hang"])("stops %s in time", async (path) => {
      const started = performance.now();
      expect(await get(path, { timeoutMs: 200 })).toEqual({
        ok: false,
        kind: "timeout",
        message: "no complete answer within 200 ms",
        sent: true,
      });
      expect(performance.now() - started).toBeLessThan(1_500);
    });
    it("stops in time when the fetch ignores its signal", async () => {
      const deaf = () => new Promise<Response>(() => undefined);
      expect(await guardedFetch({ url: base }, { ...rules, timeoutMs: 50 }, deaf)).toMatchObject({
        kind: "timeout",
        sent: true,
      });
    });
    it("stops when the caller gives up", async () => {
      const caller = new AbortController();
      const going = guardedFetch({ url: `${base}/hang`, signal: caller.signal }, rules, fetch);
      setTimeout(() => caller.abort(), 50);
      expect(await going).toEqual({ ok: false, kind: "network", message: "given up by the caller", sent: true });
      expect(await guardedFetch({ url: base, signal: caller.signal }, rules, fetch)).toMatchObject({
        kind: "network",
        sent: false,
      });
    });
  });

  describe("sent", () => {
    it.each(["/reset", "/cut"])("is true for a connection that breaks at %s", async (path) => {
      expect(await get(path)).toMatchObject({ ok: false, kind: "network", sent: true });
    });
    it("is false when no connection was made", async () => {
      const closed = createServer();
      const host = await listen(closed);
      await new Promise((resolve) => closed.close(resolve));
      const answer = await guardedFetch({ url: `http://${host}/` }, { ...rules, allowHosts: [host] }, fetch);
      expect(answer).toMatchObject({ ok: false, kind: "network", sent: false });
    });
    it("is true for workerd's error, which tells nothing apart", async () => {
      const lost = () => Promise.reject(new Error("Network connection lost."));
      expect(await guardedFetch({ url: base }, rules, lost)).toMatchObject({ kind: "network", sent: true });
    });
  });

  describe("loops", () => {
    it("counts up the hops of the event", async () => {
      await guardedFetch({ url: `${base}/x` }, rules, fetch);
      await guardedFetch({ url: `${base}/x`, hops: 4, headers: { [HOP_HEADER]: "0" } }, rules, fetch);
      expect(seen.map((request) => request.headers["x-signalbox-hop"])).toEqual(["1", "5"]);
    });
    it("refuses the sixth", async () => {
      expect(await guardedFetch({ url: `${base}/x`, hops: 5 }, rules, fetch)).toMatchObject({
        kind: "refused",
        sent: false,
      });
      expect(seen).toEqual([]);
    });
    it.each([
      [undefined, 0],
      ["3", 3],
      ["-1", 0],
      ["x", 0],
      ["1e3", 0],
      ["99999999999", 5],
    ])("reads the header %j as %i", (value, hops) => {
      expect(hopsOf(value)).toBe(hops);
    });
  });
});
