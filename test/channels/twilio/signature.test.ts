// MESSAGING "Twilio request signature": its known answers, its lines one by one, and the official package as the judge of 1,000 requests.
import { createHash } from "node:crypto";
import fc from "fast-check";
import twilio from "twilio";
import { describe, expect, it } from "vitest";
import { signatureOf, verifySignature } from "../../../src/channels/twilio/signature.ts";

const TOKEN = "12345";
const FORM = "application/x-www-form-urlencoded";
const KNOWN: [string, string][] = [
  ["CallSid", "CA1234567890ABCDE"],
  ["Caller", "+14158675309"],
  ["Digits", "1234"],
  ["From", "+14158675309"],
  ["To", "+18005551212"],
];
const KNOWN_URL = "https://mycompany.com/myapp.php?foo=1&bar=2";
const KNOWN_SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";

type Given = {
  url: string;
  signature?: string;
  body?: string | Uint8Array;
  type?: string;
  token?: string;
  publicUrl?: string;
};

const verify = ({ url, signature, body = "", type = FORM, token = TOKEN, publicUrl }: Given) => {
  const headers = new Headers(type ? { "content-type": type } : {});
  if (signature !== undefined) headers.set("x-twilio-signature", signature);
  const origin = publicUrl ?? /^[^/]*\/\/[^/?#]*/.exec(url)![0];
  // The request as it reaches us: another host, the same path and query.
  const path = url.slice(/^[^/]*\/\/[^/?#]*/.exec(url)![0].length);
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return verifySignature(token, origin, { method: "POST", url: `http://10.0.0.7:8787${path}`, headers, body: bytes });
};
const known = new URLSearchParams(KNOWN).toString();

describe("known answers", () => {
  it("the form", async () => {
    expect(await signatureOf(TOKEN, KNOWN_URL, KNOWN)).toBe(KNOWN_SIGNATURE);
    expect(await verify({ url: KNOWN_URL, body: known, signature: KNOWN_SIGNATURE })).toBe(true);
  });
  it("the JSON body", async () => {
    const url = `${KNOWN_URL}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620`;
    const signature = "a9nBmqA0ju/hNViExpshrM61xv4=";
    const body = '{"property": "value", "boolean": true}';
    expect(await verify({ url, body, signature, type: "application/json" })).toBe(true);
    expect(await verify({ url, body: body.replace("true", "false"), signature, type: "application/json" })).toBe(false);
    expect(await verify({ url, body: "", signature, type: "application/json" })).toBe(false);
    expect(await verify({ url, body: known, signature })).toBe(false);
  });
});

describe("what is refused", () => {
  it.each([
    ["no signature", undefined],
    ["an empty one", ""],
    ["a truncated one", KNOWN_SIGNATURE.slice(0, -2)],
    ["a longer one", `${KNOWN_SIGNATURE}=`],
    ["a wrong one", KNOWN_SIGNATURE.replace("R", "S")],
    ["one in another case", KNOWN_SIGNATURE.toLowerCase()],
    ["one that is no base64", "é".repeat(14)],
  ])("%s", async (_, signature) => {
    expect(await verify({ url: KNOWN_URL, body: known, ...(signature !== undefined && { signature }) })).toBe(false);
  });
  it("everything when no token is configured, and when no public URL is", async () => {
    const signature = await signatureOf(TOKEN, KNOWN_URL, KNOWN);
    expect(await verify({ url: KNOWN_URL, body: known, signature, token: "" })).toBe(false);
    expect(await verify({ url: KNOWN_URL, body: known, signature, publicUrl: "" })).toBe(false);
  });
  it("another token's", async () => {
    expect(await verify({ url: KNOWN_URL, body: known, signature: await signatureOf("other", KNOWN_URL, KNOWN) })).toBe(
      false,
    );
  });
  it.each([
    ["a changed value", known.replace("1234&", "1235&")],
    ["a parameter more", `${known}&Extra=1`],
    ["a parameter less", known.replace("Digits=1234&", "")],
    ["a key in another case", known.replace("Digits", "digits")],
  ])("%s", async (_, body) => expect(await verify({ url: KNOWN_URL, body, signature: KNOWN_SIGNATURE })).toBe(false));
  it.each([
    ["another path", KNOWN_URL.replace("myapp", "other")],
    ["another query", KNOWN_URL.replace("bar=2", "bar=3")],
    ["another order of the query", "https://mycompany.com/myapp.php?bar=2&foo=1"],
    ["another host", KNOWN_URL.replace("mycompany", "yourcompany")],
    ["another scheme", KNOWN_URL.replace("https", "http")],
  ])("%s", async (_, url) => expect(await verify({ url, body: known, signature: KNOWN_SIGNATURE })).toBe(false));
  it("a body that the signature does not cover: JSON or multipart without bodySHA256", async () => {
    const signature = await signatureOf(TOKEN, KNOWN_URL, []);
    for (const type of ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
      expect(await verify({ url: KNOWN_URL, body: "From=evil", signature, type })).toBe(false);
    expect(await verify({ url: KNOWN_URL, body: "", signature, type: "" })).toBe(true);
  });
  it("the Host header as a source of the URL", async () => {
    const signature = await signatureOf(TOKEN, "http://10.0.0.7:8787/x", []);
    expect(await verify({ url: "https://box.example.com/x", signature })).toBe(false);
  });
});

describe("what is accepted", () => {
  const accepted = async (signed: string, url: string, pairs: [string, string][] = KNOWN, publicUrl?: string) => {
    const signature = await signatureOf(TOKEN, signed, pairs);
    const body = new URLSearchParams(pairs).toString();
    return verify({ url, body, signature, ...(publicUrl !== undefined && { publicUrl }) });
  };
  it.each([
    ["https://a.com/x", "https://a.com:443/x"],
    ["https://a.com:443/x", "https://a.com/x"],
    ["http://a.com/x", "http://a.com:80/x"],
    ["http://a.com:80/x", "http://a.com/x"],
    ["https://a.com/x", "https://a.com:8443/x"],
    ["https://a.com:8443/x", "https://a.com:8443/x"],
  ])("signed with %s, reached as %s", async (signed, url) => expect(await accepted(signed, url)).toBe(true));
  it("but not another port than the configured one", async () => {
    expect(await accepted("https://a.com:8444/x", "https://a.com:8443/x")).toBe(false);
    expect(await accepted("https://a.com:80/x", "https://a.com/x")).toBe(false);
  });
  it.each([
    ["https://a.com/x?q=it's", "https://a.com/x?q=it's"],
    ["https://a.com/x?q=it's", "https://a.com/x?q=it%27s"],
    ["https://a.com/x?q=it%27s", "https://a.com/x?q=it's"],
    ["https://a.com:443/x?q=it's", "https://a.com/x?q=it%27s"],
    ["https://a.com/x?q=a%20b", "https://a.com/x?q=a+b"],
  ])("a query signed as %s and received as %s", async (signed, url) => expect(await accepted(signed, url)).toBe(true));
  it("the URL without its fragment", async () => {
    expect(await accepted("https://a.com/x?y=1", "https://a.com/x?y=1#frag")).toBe(true);
  });
  it("a public URL with a path or a slash at its end", async () => {
    expect(await accepted("https://a.com/box/x", "https://a.com/x", KNOWN, "https://a.com/box")).toBe(true);
    expect(await accepted("https://a.com/x", "https://a.com/x", KNOWN, "https://a.com/")).toBe(true);
  });
  it("repeated parameters without repeats, values sorted; empty values by their key; unknown ones; UTF-8", async () => {
    const pairs: [string, string][] = [
      ["Media", "b"],
      ["Media", "a"],
      ["Media", "b"],
      ["Empty", ""],
      ["aBody", "Grüße 👋🏽 = & + %"],
      ["New2026Thing", "x"],
      ["Ünknown", "ñ"],
    ];
    const data = "https://a.com/xEmptyMediaaMediabNew2026ThingxaBodyGrüße 👋🏽 = & + %Ünknownñ";
    const signature = await signatureOf(TOKEN, data, []);
    expect(await signatureOf(TOKEN, "https://a.com/x", pairs)).toBe(signature);
    expect(await accepted("https://a.com/x", "https://a.com/x", pairs)).toBe(true);
  });
  it("keys that would harm an object", async () => {
    const pairs: [string, string][] = [
      ["__proto__", "x"],
      ["constructor", "y"],
      ["10", "a"],
      ["9", "b"],
    ];
    expect(await accepted("https://a.com/x", "https://a.com/x", pairs)).toBe(true);
  });
  it("a body whose first key starts with a question mark or a byte order mark", async () => {
    for (const key of ["?From", "\ufeffFrom"]) {
      const signature = await signatureOf(TOKEN, "https://a.com/x", [[key, "1"]]);
      expect(await verify({ url: "https://a.com/x", body: `${key}=1`, signature })).toBe(true);
      expect(await verify({ url: "https://a.com/x", body: "From=1", signature })).toBe(false);
    }
  });
});

describe("the official package", () => {
  const word = fc.string({ unit: fc.constantFrom(..."abZ09'-_.~!*() +%é👋/:"), maxLength: 6 });
  const queryWord = fc.string({
    unit: fc.constantFrom(..."abZ09'-_.~!*()+", "%20", "%27", "%C3%A9", "%2F", ":", "@"),
    maxLength: 5,
  });
  const query = fc.array(fc.tuple(queryWord, fc.option(queryWord)), { maxLength: 4 }).map((pairs) => {
    const text = pairs.map(([key, value]) => (value === null ? key : `${key}=${value}`)).join("&");
    return text && `?${text}`;
  });
  const origin = fc
    .tuple(
      fc.constantFrom("https://", "http://", "HTTPS://"),
      fc.constantFrom("a.com", "box.example.com", "[2001:db8::1]"),
      fc.constantFrom("", ":443", ":80", ":8443"),
    )
    .map((parts) => parts.join(""));
  const path = fc.constantFrom("/", "/webhooks/inbound", "/it's", "/a%20b/", "/~x;y=1");
  const form = fc.array(fc.tuple(fc.oneof(word, fc.constantFrom("Body", "MediaUrl0")), word), { maxLength: 6 });

  const asParams = (pairs: [string, string][]) => {
    const params: Record<string, string | string[]> = Object.create(null);
    for (const [key, value] of pairs) {
      const old = params[key];
      params[key] = old === undefined ? value : [old, value].flat();
    }
    return params;
  };

  it("agrees on 1,000 forms: what it signs we accept, and the reverse", async () => {
    await fc.assert(
      fc.asyncProperty(
        origin,
        path,
        query,
        form,
        fc.integer({ min: 0, max: 3 }),
        async (origin, path, query, pairs, spelling) => {
          const url = `${origin}${path}${query}`;
          const variants = [url, url.replace(/:(443|80)(?=\/)/, ""), new URL(url).href, url.replaceAll("%27", "'")];
          const signature = twilio.getExpectedTwilioSignature(TOKEN, variants[spelling]!, asParams(pairs));
          const theirs = twilio.validateRequest(TOKEN, signature, url, asParams(pairs));
          expect(await verify({ url, body: new URLSearchParams(pairs).toString(), signature })).toBe(theirs);
          const ours = await signatureOf(TOKEN, url, pairs);
          expect(twilio.validateRequest(TOKEN, ours, url, asParams(pairs))).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("agrees on signed JSON bodies, kept and tampered", async () => {
    await fc.assert(
      fc.asyncProperty(origin, path, query, fc.json(), fc.boolean(), async (origin, path, query, body, tampered) => {
        const hash = createHash("sha256").update(body).digest("hex");
        const url = `${origin}${path}${query}${query ? "&" : "?"}bodySHA256=${hash}`;
        const signature = twilio.getExpectedTwilioSignature(TOKEN, url, {});
        const arrived = tampered ? `${body} ` : body;
        const theirs = twilio.validateRequestWithBody(TOKEN, signature, url, arrived);
        expect(theirs).toBe(!tampered);
        expect(await verify({ url, body: arrived, signature, type: "application/json" })).toBe(theirs);
      }),
      { numRuns: 300 },
    );
  });
});
