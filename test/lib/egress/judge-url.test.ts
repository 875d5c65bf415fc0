// SECURITY "Egress": the attack table. Each line is a URL that a user may configure and what becomes of it.
import { describe, expect, it } from "vitest";
import { judgeUrl, parseHostPorts } from "../../../src/lib/egress.ts";

const production = { production: true, allowHosts: [] as string[], ownHosts: ["signalbox.example.com"] };
const development = { ...production, production: false };
const codeOf = (url: string, rules = production) => {
  const judged = judgeUrl(url, rules);
  return judged.ok ? "allowed" : judged.error.code;
};

const ATTACKS: [string, string][] = [
  // Not a URL, or not one of ours to fetch.
  ["", "malformed_url"],
  ["/relative", "malformed_url"],
  ["//example.com/", "malformed_url"],
  ["https://", "malformed_url"],
  ["https://exa mple.com/", "malformed_url"],
  ["https://[::1", "malformed_url"],
  ["https://1.2.3.4.5/", "malformed_url"],
  ["https://256.256.256.256/", "malformed_url"],
  ["https://example.com:99999/", "malformed_url"],
  ["ftp://example.com/", "scheme_not_allowed"],
  ["file:///etc/passwd", "scheme_not_allowed"],
  ["gopher://example.com:70/_x", "scheme_not_allowed"],
  ["data:text/plain,hi", "scheme_not_allowed"],
  ["javascript:alert(1)", "scheme_not_allowed"],
  ["blob:https://example.com/1", "scheme_not_allowed"],
  ["ws://example.com/", "scheme_not_allowed"],
  ["http://example.com/", "scheme_not_allowed"],
  // Credentials in the URL.
  ["https://user:pass@example.com/", "credentials_in_url"],
  ["https://user@example.com/", "credentials_in_url"],
  ["https://:pass@example.com/", "credentials_in_url"],
  ["https://example.com@127.0.0.1/", "credentials_in_url"],
  // Ports.
  ["https://example.com:22/", "port_not_allowed"],
  ["https://example.com:25/", "port_not_allowed"],
  ["https://example.com:80/", "port_not_allowed"],
  ["https://example.com:6379/", "port_not_allowed"],
  ["https://example.com:0/", "port_not_allowed"],
  // Loopback in every notation of IPv4.
  ["https://127.0.0.1/", "address_not_public"],
  ["https://127.0.0.1./", "address_not_public"],
  ["https://127.1/", "address_not_public"],
  ["https://127.0.1/", "address_not_public"],
  ["https://2130706433/", "address_not_public"],
  ["https://0x7f000001/", "address_not_public"],
  ["https://0x7f.0x0.0x0.0x1/", "address_not_public"],
  ["https://0177.0.0.01/", "address_not_public"],
  ["https://017700000001/", "address_not_public"],
  ["https://0x7f.1/", "address_not_public"],
  ["https://127.255.255.254/", "address_not_public"],
  ["https://%31%32%37.0.0.1/", "address_not_public"],
  ["https://１２７.０.０.１/", "address_not_public"],
  ["https://127。0。0。1/", "address_not_public"],
  ["https:\\\\127.0.0.1\\", "address_not_public"],
  ["https:127.0.0.1", "address_not_public"],
  ["  https://127.0.0.1/  ", "address_not_public"],
  ["ht\ntps://127.0.\t0.1/", "address_not_public"],
  ["https://0/", "address_not_public"],
  ["https://0.0.0.0/", "address_not_public"],
  // Private, carrier, link-local, metadata, multicast, reserved, documentation, benchmarking.
  ["https://10.0.0.1/", "address_not_public"],
  ["https://0xa.1/", "address_not_public"],
  ["https://172.16.0.1/", "address_not_public"],
  ["https://192.168.1.1/", "address_not_public"],
  ["https://100.64.0.1/", "address_not_public"],
  ["https://169.254.169.254/latest/meta-data/", "address_not_public"],
  ["https://2852039166/", "address_not_public"],
  ["https://0xa9fea9fe/", "address_not_public"],
  ["https://100.100.100.200/", "address_not_public"],
  ["https://168.63.129.16/", "address_not_public"],
  ["https://192.0.0.192/", "address_not_public"],
  ["https://192.0.2.1/", "address_not_public"],
  ["https://198.18.0.1/", "address_not_public"],
  ["https://198.51.100.7/", "address_not_public"],
  ["https://203.0.113.7/", "address_not_public"],
  ["https://192.88.99.1/", "address_not_public"],
  ["https://224.0.0.1/", "address_not_public"],
  ["https://255.255.255.255/", "address_not_public"],
  // IPv6, and IPv4 hidden in it.
  ["https://[::1]/", "address_not_public"],
  ["https://[0:0:0:0:0:0:0:1]/", "address_not_public"],
  ["https://[::]/", "address_not_public"],
  ["https://[::ffff:127.0.0.1]/", "address_not_public"],
  ["https://[::ffff:7f00:1]/", "address_not_public"],
  ["https://[::127.0.0.1]/", "address_not_public"],
  ["https://[::ffff:a9fe:a9fe]/", "address_not_public"],
  ["https://[64:ff9b::169.254.169.254]/", "address_not_public"],
  ["https://[64:ff9b:1::7f00:1]/", "address_not_public"],
  ["https://[2002:7f00:1::]/", "address_not_public"],
  ["https://[2001:0:7f00:1::]/", "address_not_public"],
  ["https://[fc00::1]/", "address_not_public"],
  ["https://[fd00:ec2::254]/", "address_not_public"],
  ["https://[fe80::1]/", "address_not_public"],
  ["https://[fec0::1]/", "address_not_public"],
  ["https://[ff02::1]/", "address_not_public"],
  ["https://[2001:db8::1]/", "address_not_public"],
  ["https://[100::1]/", "address_not_public"],
  // Names that stay at home.
  ["https://localhost/", "host_not_allowed"],
  ["https://LOCALHOST/", "host_not_allowed"],
  ["https://localhost./", "host_not_allowed"],
  ["https://localhost../", "host_not_allowed"],
  ["https://%6c%6fcalhost/", "host_not_allowed"],
  ["https://ｌｏｃａｌｈｏｓｔ/", "host_not_allowed"],
  ["https://foo.localhost/", "host_not_allowed"],
  ["https://foo.LOCALHOST./", "host_not_allowed"],
  ["https://metadata.google.internal/", "host_not_allowed"],
  ["https://instance-data.ec2.internal/", "host_not_allowed"],
  ["https://printer.local/", "host_not_allowed"],
  ["https://localhost.localdomain/", "host_not_allowed"],
  ["https://nas.home.arpa/", "host_not_allowed"],
  ["https://router.lan/", "host_not_allowed"],
  ["https://intranet/", "host_not_allowed"],
  ["https://metadata/", "host_not_allowed"],
  // Ourselves.
  ["https://signalbox.example.com/", "own_host"],
  ["https://SIGNALBOX.example.com./webhooks/x", "own_host"],
  ["https://signalbox.example.com:8443/", "own_host"],
  ["https://signalbox%2eexample.com/", "own_host"],
];

const HARMLESS = [
  "https://example.com/",
  "https://example.com:443/hook?x=1#y",
  "https://example.com:8443/",
  "https://example.com./",
  "https://8.8.8.8/",
  "https://[2606:4700:4700::1111]/",
  "https://münchen.de/",
  "https://localhost.example.com/",
  "https://my.localhosts.net/",
  "https://internal.example.com/",
  "https://notsignalbox.example.com/",
  "https://x.signalbox.example.com.evil.net/",
];

describe("judgeUrl", () => {
  it("has an attack table worth the name", () => expect(ATTACKS.length).toBeGreaterThanOrEqual(60));
  it.each(ATTACKS)("%j: %s", (url, code) => expect(codeOf(url)).toBe(code));
  it.each(HARMLESS)("allows %s", (url) => expect(codeOf(url)).toBe("allowed"));

  it.each(ATTACKS.filter(([, code]) => code !== "scheme_not_allowed" && code !== "port_not_allowed"))(
    "development refuses %j too",
    (url, code) => expect(codeOf(url.replace(/^https:/, "http:"), development)).toBe(code),
  );
  it("development allows http and its usual ports", () => {
    expect(codeOf("http://example.com/", development)).toBe("allowed");
    expect(codeOf("http://example.com:8080/", development)).toBe("allowed");
    expect(codeOf("http://example.com:6379/", development)).toBe("port_not_allowed");
    expect(codeOf("ftp://example.com/", development)).toBe("scheme_not_allowed");
  });

  it("returns the URL as WHATWG reads it, without the dot of a full name", () => {
    const judged = judgeUrl("https://EXAMPLE.com./a/../b", production);
    expect(judged.ok && judged.value.href).toBe("https://example.com/b");
  });

  describe("EGRESS_ALLOW_HOSTS", () => {
    const allowing = (...allowHosts: string[]) => ({ ...production, allowHosts });
    it.each([
      ["127.0.0.1:9999", "http://127.0.0.1:9999/x"],
      ["127.0.0.1:9999", "https://127.1:9999/"],
      ["127.0.0.1:9999", "http://0x7f000001:9999/"],
      ["localhost:80", "http://LOCALHOST/"],
      ["localhost:443", "https://localhost./"],
      ["[::1]:8080", "http://[0:0::1]:8080/"],
      ["redis.internal:6379", "http://redis.internal:6379/"],
      ["Sink.Internal:81", "http://sink.internal:81/"],
      ["signalbox.example.com:443", "https://signalbox.example.com/"],
    ])("%s exempts %s", (entry, url) => expect(codeOf(url, allowing(entry))).toBe("allowed"));
    it.each([
      ["127.0.0.1:9999", "http://127.0.0.1:9998/", "scheme_not_allowed"],
      ["127.0.0.1:9999", "https://127.0.0.2:9999/", "port_not_allowed"],
      ["localhost:80", "https://localhost/", "host_not_allowed"],
      ["localhost:80", "http://foo.localhost/", "scheme_not_allowed"],
      ["127.0.0.1", "https://127.0.0.1/", "address_not_public"],
      ["*:443", "https://127.0.0.1/", "address_not_public"],
      ["127.0.0.1:443", "ftp://127.0.0.1:443/", "scheme_not_allowed"],
      ["127.0.0.1:443", "https://u:p@127.0.0.1/", "credentials_in_url"],
    ])("%s does not exempt %s", (entry, url, code) => expect(codeOf(url, allowing(entry))).toBe(code));
  });

  it("own hosts with a port mean that port", () => {
    const rules = { ...development, ownHosts: ["box.example.com:8080"] };
    expect(codeOf("http://box.example.com:8080/", rules)).toBe("own_host");
    expect(codeOf("http://box.example.com/", rules)).toBe("allowed");
  });
});

describe("parseHostPorts", () => {
  it("brings entries to canonical form", () => {
    expect(parseHostPorts(" 127.1:80, LOCALHOST:9000 ,,[0::1]:1, example.com.:443 ")).toEqual({
      ok: true,
      value: ["127.0.0.1:80", "localhost:9000", "[::1]:1", "example.com:443"],
    });
    expect(parseHostPorts("")).toEqual({ ok: true, value: [] });
  });
  it.each([
    "example.com",
    "example.com:",
    "example.com:0",
    "example.com:65536",
    "http://x:1",
    "a@b:1",
    "::1",
    "[::1]",
    "x:1/y",
    "1.2.3.4.5:1",
  ])("names the entry %j that is none", (entry) =>
    expect(parseHostPorts(`localhost:1,${entry}`)).toEqual({ ok: false, error: entry }),
  );
});
