// SECURITY "Egress": a user's URL is judged when what calls it is published, and again when a run comes there. Redirects and the rest of the
// guard are tested where it lives (lib/egress).
import { beforeAll, describe, expect, it } from "vitest";
import { call, createWorkflow, makeOrganization, type Tenant, WORKFLOWS } from "../api/core/kit.ts";

let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

const calling = (url: string) => ({
  nodes: {
    start: { node_type: "trigger_manual" },
    out: {
      node_type: "action_webhook",
      config: { url, method: "GET", retry: { max_attempts: 1, backoff_seconds: 0 } },
    },
  },
  connections: [{ from_node_id: "start", to_node_id: "out" }],
});

/** One address in every notation that a parser of URLs takes, and one of each kind that is nobody's business. */
const INSIDE = [
  "http://127.0.0.1/",
  "http://127.1/",
  "http://2130706433/",
  "http://0x7f000001/",
  "http://0177.0.0.1/",
  "http://127.0.0.1./",
  "http://①②⑦.⓪.⓪.①/",
  "http://127。0。0。1/",
  "http:127.0.0.1",
  "http:\\\\127.0.0.1\\",
  "http://127.0.0.1\\@example.com/",
  "http://127.0.0.1#@example.com",
  "http://\t127.0.0.1/",
  "http://[::1]/",
  "http://[::ffff:127.0.0.1]/",
  "http://[::ffff:7f00:1]/",
  "http://[64:ff9b::7f00:1]/",
  "http://[2002:7f00:1::]/",
  "http://[fe80::1]/",
  "http://[fd00::1]/",
  "http://0/",
  "http://10.0.0.1/",
  "http://172.31.255.255/",
  "http://192.168.1.1/",
  "http://100.64.0.1/",
  "http://169.254.169.254/latest/meta-data/",
  "http://168.63.129.16/",
  "http://224.0.0.1/",
  "http://255.255.255.255/",
  "http://localhost/",
  "http://LOCALHOST./",
  "http://a.localhost/",
  "http://metadata.google.internal/",
  "http://router.lan/",
  "http://intranet/",
  "https://example.com:22/",
  "https://example.com:6379/",
  // The tests' own PUBLIC_URL.
  "https://signalbox.test/api/v1/workflows",
];

describe.each(INSIDE)("%s", (url) => {
  it("is found by validation, at its field, and cannot be published", async () => {
    const id = await createWorkflow(owner, calling(url));
    const { body } = await call(owner, "POST", `${WORKFLOWS}/${id}/validate`, {});
    const finding = { severity: "error", code: "url_not_allowed", node_id: "out", field: "nodes.out.config.url" };
    expect(body.data).toMatchObject({
      is_valid: false,
      findings: expect.arrayContaining([expect.objectContaining(finding)]),
    });
    const published = await call(owner, "POST", `${WORKFLOWS}/${id}/publish`, {});
    expect(published).toMatchObject({ status: 400, body: { error: { details: { field: "nodes.out.config.url" } } } });
  });

  it("is not called by a run that a template leads there", async () => {
    const id = await createWorkflow(owner, calling("{{variables.url}}"));
    const run = await call(owner, "POST", `${WORKFLOWS}/${id}/execute`, { variables: { url }, wait: true });
    expect(run.body.data).toMatchObject({
      status: "failed",
      error_node_id: "out",
      node_states: { out: { attempts: 1 } },
    });
    expect(run.body.data.error_message).toMatch(/not a public|not allowed|this service itself/);
  });
});

it.each(["https://example.com/hook", "https://example.com:8443/", "https://93.184.215.14/"])(
  "%s may be called",
  async (url) => {
    const id = await createWorkflow(owner, calling(url));
    expect((await call(owner, "POST", `${WORKFLOWS}/${id}/publish`, {})).status).toBe(200);
  },
);

it.each([
  "ftp://example.com/",
  "file:///etc/passwd",
  "javascript:1",
  "//example.com/",
  "https://user:pass@example.com/",
])("%s is no URL of the web, or carries credentials", async (url) => {
  const id = await createWorkflow(owner, calling(url));
  expect((await call(owner, "POST", `${WORKFLOWS}/${id}/publish`, {})).status).toBe(400);
});
