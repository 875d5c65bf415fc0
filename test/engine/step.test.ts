import { describe, expect, it } from "vitest";
import type { StartInput } from "../../src/engine/contract.ts";
import { MAX_RECORD_DEPTH, MAX_RUN_CHARS } from "../../src/engine/limits.ts";
import { applyDelta, deltaRows, newState, stateOfRows } from "../../src/engine/state.ts";
import { step } from "../../src/engine/step.ts";
import type { Json, JsonObject } from "../../src/lib/json.ts";
import { graph, plain, Run } from "./kit.ts";

describe("a straight line", () => {
  it("runs everything that needs no outside in one macro-step", () => {
    const run = new Run(graph({ t: "start", a: "pass", b: ["pass", { value: "x" }] }, ["t>a", "a>b"]), {
      event: { id: "e", type: "T", source: "s", data: { n: 1 }, occurredAt: 1 },
    });
    expect(run.status).toBe("completed");
    expect(run.path).toEqual(["t", "a", "b"]);
    expect(run.journal).toHaveLength(1);
    expect(run.state.run!.output).toBe("x");
  });

  it("leaves the state it was given as it was", () => {
    const run = new Run(graph({ t: "start", c: "call", d: "call" }, ["t>c", "c>d"]));
    const before = plain(run.state);
    step(run.program, run.state, {
      type: "result",
      at: 2,
      key: "c:2",
      attempt: 1,
      result: { outcome: "ok", output: 1 },
    });
    expect(plain(run.state)).toEqual(before);
  });

  it("completes at once when there is nothing to do", () => {
    expect(new Run(graph({ a: "pass" }, [])).status).toBe("completed");
  });
});

describe("large values", () => {
  const big = { text: "x".repeat(700_000) };
  const event = { id: "e", type: "T", source: "s", data: big, occurredAt: 1 };

  it("come in by a trigger", () => {
    const run = new Run(graph({ t: "start", a: ["pass", { value: "x" }] }, ["t>a"]), { event });
    expect([run.status, run.path]).toEqual(["completed", ["t", "a"]]);
  });

  it("are no output of another node", () => {
    const run = new Run(graph({ t: "start", a: "pass" }, ["t>a"]), { event });
    expect(run.state.run).toMatchObject({ status: "failed", error: { code: "OUTPUT_TOO_LARGE", nodeId: "a" } });
  });

  it("nest no deeper than whoever reads them can follow", () => {
    const nested = (levels: number): Json => (levels === 0 ? 1 : [nested(levels - 1)]);
    const deep = (levels: number) => {
      const run = new Run(graph({ t: "start", c: "call" }, ["t>c"]));
      run.ok("c:2", nested(levels));
      return run;
    };
    expect(deep(MAX_RECORD_DEPTH).status).toBe("completed");
    const refused = deep(MAX_RECORD_DEPTH + 1);
    expect(refused.state.run?.error).toMatchObject({
      code: "OUTPUT_TOO_LARGE",
      message: expect.stringMatching(/deeper/),
    });
  });

  it("are at most so much together: the node that records more fails, and the run with it, whatever the node's policy", () => {
    const records = Math.ceil(MAX_RUN_CHARS / 390_000);
    const ids = Array.from({ length: records + 5 }, (_, index) => `p${index}`);
    const value = "x".repeat(390_000);
    const nodes = Object.fromEntries(
      ids.map((id) => [id, ["pass", { value, on_error: "continue" }] as [string, JsonObject]]),
    );
    const run = new Run(
      graph({ t: "start", ...nodes }, ["t>p0", ...ids.slice(1).map((id, index) => `p${index}>${id}`)]),
    );
    const last = `p${records - 1}`;
    expect(run.state.run).toMatchObject({ status: "failed", error: { code: "BUDGET_EXCEEDED", nodeId: last } });
    expect(run.path.at(-1)).toBe(last);
    expect(run.state.run!.chars).toBeGreaterThan(MAX_RUN_CHARS);
    expect([...run.state.visits.values()].at(-1)).toMatchObject({ status: "failed", output: null });
  });

  it("of a run that began before they were measured are left alone", () => {
    const value = "x".repeat(390_000);
    const ids = Array.from({ length: 30 }, (_, index) => `p${index}`);
    const nodes = Object.fromEntries(ids.map((id) => [id, ["pass", { value }] as [string, JsonObject]]));
    const edges = ["t>p0", ...ids.slice(1).map((id, index) => `p${index}>${id}`)];
    const run = new Run(graph({ t: "start", ...nodes }, edges), { flags: 1 });
    expect([run.status, run.state.run?.chars]).toEqual(["completed", undefined]);
  });
});

describe("effects (I3)", () => {
  const line = graph({ t: "start", c: "call", p: "pass" }, ["t>c", "c>p"]);

  it("has a key of node and visit, the same on each attempt", () => {
    const run = new Run(
      graph({ t: "start", c: ["call", { retry: { max_attempts: 3, backoff_seconds: 1 } }] }, ["t>c"]),
    );
    run.result("c:2", { outcome: "failed", error: { code: "E", message: "no", retryable: true } });
    expect(run.status).toBe("waiting");
    run.pass(1_300);
    run.result("c:2", { outcome: "failed", error: { code: "E", message: "no", retryable: true } });
    run.pass(2_600);
    expect(run.performed.map((one) => [one.key, one.attempt])).toEqual([
      ["c:2", 1],
      ["c:2", 2],
      ["c:2", 3],
    ]);
    run.ok("c:2");
    expect(run.status).toBe("completed");
  });

  it("ignores a result of another attempt, of another key, a second result, and anything after the end", () => {
    const run = new Run(line);
    expect(run.result("c:2", { outcome: "ok", output: 1 }, 2).ignored).toBe(true);
    expect(run.result("x:2", { outcome: "ok", output: 1 }, 1).ignored).toBe(true);
    expect(run.result("c:9", { outcome: "ok", output: 1 }, 1).ignored).toBe(true);
    expect(run.ok("c:2", "first").ignored).toBe(false);
    expect(run.ok("c:2", "second").ignored).toBe(true);
    expect(run.feed({ type: "cancel", at: 5, reason: "late" }).ignored).toBe(true);
    expect(run.state.run!.output).toBe("first");
  });

  it("waits with what is put off, as often as it takes, and uses up no retry", () => {
    const run = new Run(
      graph({ t: "start", c: ["call", { retry: { max_attempts: 2, backoff_seconds: 1 }, timeout_seconds: 5 }] }, [
        "t>c",
      ]),
    );
    for (let attempt = 1; attempt <= 4; attempt++) {
      const until = run.now + 60_000;
      run.result("c:2", { outcome: "deferred", until, reason: "quiet hours" });
      expect(run.status).toBe("waiting");
      expect(run.live).toEqual(["c:retrying"]);
      run.pass(59_999);
      expect(run.status).toBe("waiting");
      run.pass(1);
      expect([run.status, run.performed.at(-1)]).toMatchObject(["running", { key: "c:2", attempt: attempt + 1 }]);
    }
    run.result("c:2", { outcome: "failed", error: { code: "E", message: "no", retryable: true } });
    expect(run.status).toBe("waiting");
    run.pass(10_000);
    run.result("c:2", { outcome: "failed", error: { code: "E", message: "no", retryable: true } });
    expect(run.status).toBe("failed");
  });

  it("does not retry what cannot be retried", () => {
    const run = new Run(
      graph({ t: "start", c: ["call", { retry: { max_attempts: 3, backoff_seconds: 1 } }] }, ["t>c"]),
    );
    run.result("c:2", { outcome: "failed", error: { code: "E", message: "no", retryable: false } });
    expect(run.status).toBe("failed");
    expect(run.state.run!.error).toEqual({ code: "E", message: "no", nodeId: "c" });
  });

  it("honours Retry-After when it is longer than its own back-off", () => {
    const run = new Run(
      graph({ t: "start", c: ["call", { retry: { max_attempts: 2, backoff_seconds: 1 } }] }, ["t>c"]),
    );
    run.result("c:2", {
      outcome: "failed",
      error: { code: "E", message: "no", retryable: true, retryAfterMs: 60_000 },
    });
    expect(run.pass(59_000).ignored).toBe(true);
    expect(run.pass(1_000).ignored).toBe(false);
    expect(run.performed).toHaveLength(2);
  });

  it("repeats an unknown outcome with the same key at once, a bounded number of times", () => {
    const run = new Run(line);
    for (let turn = 0; turn < 6; turn++) {
      run.result("c:2", { outcome: "unknown", reason: "crash", restarted: true });
      run.pass(60_000);
    }
    expect(run.status).toBe("failed");
    expect(run.state.run!.error!.code).toBe("UNKNOWN_OUTCOME");
    expect(run.performed).toHaveLength(6);
    expect(new Set(run.performed.map((one) => one.key))).toEqual(new Set(["c:2"]));
  });

  it("asks what became of a message instead of sending it again, and sends again only when it surely was not sent", () => {
    const run = new Run(graph({ t: "start", s: "send" }, ["t>s"]));
    run.result("s:2", { outcome: "unknown", reason: "crash" });
    expect(run.performed.map((one) => one.mode)).toEqual(["run", "reconcile"]);
    run.result("s:2", { outcome: "absent" });
    run.pass(60_000);
    expect(run.performed.map((one) => one.mode)).toEqual(["run", "reconcile", "run"]);
    run.ok("s:2");
    expect(run.status).toBe("completed");
  });

  it("asks after a message that timed out", () => {
    const run = new Run(
      graph({ t: "start", s: ["send", { timeout_seconds: 5, retry: { max_attempts: 5, backoff_seconds: 0 } }] }, [
        "t>s",
      ]),
    );
    run.pass(5_000);
    expect(run.performed.map((one) => one.mode)).toEqual(["run", "reconcile"]);
  });
});

describe("failures", () => {
  const failing = (config: object, edges: string[]) => {
    const run = new Run(
      graph(
        { t: "start", c: ["call", config as never], after: "pass", rescue: "pass" },
        ["t>c", ...edges, "t>rescue"].slice(0, -1),
      ),
    );
    run.result("c:2", { outcome: "failed", error: { code: "BOOM", message: "no" } });
    return run;
  };

  it("end the run by default", () => expect(failing({}, ["c>after"]).status).toBe("failed"));
  it("are passed over with on_error continue", () => {
    const run = failing({ on_error: "continue" }, ["c>after"]);
    expect([run.status, run.path]).toEqual(["completed", ["t", "c", "after"]]);
    expect(run.state.visits.get(2)!.status).toBe("failed");
  });
  it("leave by a connected error port whatever on_error says", () => {
    const run = failing({}, ["c>after", "c:error>rescue"]);
    expect(run.path).toEqual(["t", "c", "rescue"]);
    expect(run.state.run!.output).toEqual({ error: { code: "BOOM", message: "no", details: null } });
  });
  it("time out a node", () => {
    const run = new Run(graph({ t: "start", c: ["call", { timeout_seconds: 2 }] }, ["t>c"]));
    run.pass(1_999);
    expect(run.status).toBe("running");
    const done = run.pass(1);
    expect(done.effects.some((effect) => effect.type === "abort")).toBe(true);
    // Nobody knows whether it had its effect: once more with the same key, then it has failed.
    run.pass(2_000);
    expect(run.performed.map((one) => [one.key, one.attempt])).toEqual([
      ["c:2", 1],
      ["c:2", 2],
    ]);
    run.pass(2_000);
    expect(run.state.run!.error!.code).toBe("TIMEOUT");
    expect(run.ok("c:2").ignored).toBe(true);
  });
  it("time out a run", () => {
    const run = new Run(graph({ t: "start", c: "call" }, ["t>c"], { settings: { timeoutSeconds: 3 } }));
    run.pass(3_000);
    expect([run.status, run.state.run!.error!.code]).toEqual(["timed_out", "EXECUTION_TIMEOUT"]);
    expect(run.live).toEqual([]);
  });
  it("of a template are the node's, with the field", () => {
    const run = new Run(graph({ t: "start", p: ["pass", { value: "{{ variables.big }}!" }] }, ["t>p"]), {
      variables: { big: "x".repeat(200_000) },
    });
    expect(run.status).toBe("failed");
    expect(run.state.run!.error).toMatchObject({
      code: "TEMPLATE_ERROR",
      nodeId: "p",
      message: expect.stringContaining("value"),
    });
  });
});

describe("waits", () => {
  it("wake at their time and not before, and late when they must", () => {
    for (const late of [0, 1, 1e12]) {
      const run = new Run(graph({ t: "start", s: ["sleep", { ms: 3_600_000 }] }, ["t>s"]));
      expect(run.status).toBe("waiting");
      expect(run.pass(3_599_999).ignored).toBe(true);
      run.pass(1 + late);
      expect(run.status).toBe("completed");
    }
  });
  it("take the event or the time, whichever comes first, once", () => {
    const ping = { id: "p", type: "PING", source: "s", data: { a: 1 }, occurredAt: 0 };
    const flow = graph({ t: "start", w: ["await", { ms: 100 }], r: "pass", o: "pass" }, [
      "t>w",
      "w:received>r",
      "w:timeout>o",
    ]);
    const first = new Run(flow);
    expect(first.feed({ type: "event", at: 1, key: "w:2", event: { ...ping, type: "PONG" } }).ignored).toBe(true);
    first.feed({ type: "event", at: 1_001, key: "w:2", event: ping });
    expect(first.path).toEqual(["t", "w", "r"]);
    expect(first.pass(100).ignored).toBe(true);
    const second = new Run(flow);
    second.pass(100);
    expect(second.path).toEqual(["t", "w", "o"]);
    expect(second.feed({ type: "event", at: 2_000, key: "w:2", event: ping }).ignored).toBe(true);
  });
});

describe("branches and merges", () => {
  it("waits for all branches that are alive, and hands their outputs over by node", () => {
    const run = new Run(
      graph({ t: "start", f: "fork", a: "call", b: "call", m: "merge", z: "pass" }, [
        "t>f",
        "f:x>a",
        "f:y>b",
        "a>m",
        "b>m",
        "m>z",
      ]),
    );
    run.ok("a:3", "A");
    expect(run.live).toContain("m:merging");
    run.ok("b:4", "B");
    expect(run.status).toBe("completed");
    expect(run.state.run!.output).toEqual({ a: "A", b: "B" });
    expect(run.path.filter((id) => id === "m")).toHaveLength(1);
  });
  it("does not wait for a branch that took another way", () => {
    const run = new Run(
      graph({ t: "start", f: "fork", a: ["switch", { to: "b" }], x: "pass", b: "call", m: "merge" }, [
        "t>f",
        "f:1>a",
        "f:2>b",
        "a:a>m",
        "a:b>x",
        "b>m",
      ]),
    );
    run.ok("b:4");
    expect(run.status).toBe("completed");
    expect(run.path).toContain("m");
  });
  it("goes on when the other branch fails and is passed over", () => {
    const run = new Run(
      graph({ t: "start", a: "pass", b: ["call", { on_error: "error" }], m: "merge" }, ["t>a", "t>b", "a>m", "b>m"]),
    );
    run.result("b:3", { outcome: "failed", error: { code: "E", message: "" } });
    expect(run.status).toBe("completed");
  });
  it("lets two merges that can reach each other go on in turn", () => {
    const run = new Run(
      graph({ t: "start", m1: "merge", m2: "merge", s1: ["sleep", { ms: 1 }], s2: "switch", e: "pass" }, [
        "t>m1",
        "t>m2",
        "m1>s1",
        "s1>m2",
        "m2>s2",
        "s2:b>m1",
        "s2:a>e",
      ]),
    ).settle();
    expect(run.status).toBe("completed");
  });
  it("keeps its branches to a budget", () => {
    const many = Object.fromEntries(Array.from({ length: 1_100 }, (_, i) => [`n${i}`, "call"] as const));
    const run = new Run(
      graph(
        { t: "start", ...many },
        Object.keys(many).map((id) => `t>${id}`),
      ),
    );
    expect(run.state.run!.error!.code).toBe("BUDGET_EXCEEDED");
    expect(run.live).toEqual([]);
  });
});

describe("loops", () => {
  it("go round once an item, with its locals, then by done", () => {
    const run = new Run(
      graph({ t: "start", l: ["each", { items: ["a", "b"] }], c: ["call", { it: "{{item}}{{index}}" }], d: "pass" }, [
        "t>l",
        "l:body>c",
        "l:done>d",
      ]),
    ).settle();
    expect(run.performed.map((one) => one.input.it)).toEqual(["a0", "b1"]);
    expect(run.path).toEqual(["t", "l", "c", "c", "d"]);
  });
  it("take a branch that leads back as the end of that branch, and wait for all branches of the round", () => {
    const run = new Run(
      graph({ t: "start", l: ["each", { items: [1, 2] }], a: "pass", c: "call" }, [
        "t>l",
        "l:body>a",
        "l:body>c",
        "a>l",
        "c>l",
      ]),
    );
    expect(run.path).toEqual(["t", "l", "a", "c"]);
    run.settle();
    expect(run.status).toBe("completed");
    expect(run.path).toEqual(["t", "l", "a", "c", "a", "c"]);
  });
  it("nest", () => {
    const run = new Run(
      graph(
        {
          t: "start",
          o: ["each", { items: [1, 2, 3] }],
          i: ["each", { items: ["x", "y"] }],
          p: "pass",
          after: "pass",
          d: "pass",
        },
        ["t>o", "o:body>i", "i:body>p", "i:done>after", "after>o", "o:done>d"],
      ),
    );
    expect(run.status).toBe("completed");
    expect(run.path.filter((id) => id === "p")).toHaveLength(6);
    expect(run.path.filter((id) => id === "after")).toHaveLength(3);
    expect(run.path.at(-1)).toBe("d");
  });
  it("end by break at once, their other branches cancelled", () => {
    const run = new Run(
      graph({ t: "start", l: ["each", { items: [1, 2, 3] }], slow: "call", b: "break", d: "pass" }, [
        "t>l",
        "l:body>slow",
        "l:body>b",
        "l:done>d",
      ]),
    );
    expect(run.status).toBe("completed");
    expect(run.state.visits.get(3)!.status).toBe("cancelled");
    expect(run.path).toEqual(["t", "l", "slow", "b", "d"]);
  });
  it("let a branch of an inner loop lead back to the outer one", () => {
    const run = new Run(
      graph({ t: "start", o: ["each", { items: [1, 2] }], i: ["each", { items: ["x", "y"] }], p: "pass" }, [
        "t>o",
        "o:body>i",
        "i:body>p",
        "p>o",
      ]),
    );
    expect(run.status).toBe("completed");
    expect(run.path).toEqual(["t", "o", "i", "p", "i", "p"]);
  });
  it("merge branches inside a round", () => {
    const run = new Run(
      graph({ t: "start", l: ["each", { items: [1, 2] }], a: "call", b: "call", m: "merge" }, [
        "t>l",
        "l:body>a",
        "l:body>b",
        "a>m",
        "b>m",
        "m>l",
      ]),
    ).settle();
    expect(run.status).toBe("completed");
    expect(run.path.filter((id) => id === "m")).toHaveLength(2);
  });
  it("over 1,500 items goes on across macro-steps", () => {
    const items = Array.from({ length: 1_500 }, (_, i) => i);
    const run = new Run(graph({ t: "start", l: ["each", { items }], p: "pass" }, ["t>l", "l:body>p"]));
    expect(run.status).toBe("completed");
    expect(run.journal.filter((input) => input.type === "continue").length).toBeGreaterThan(2);
    expect(run.path.filter((id) => id === "p")).toHaveLength(1_500);
  });
  it("over nothing, and without a body, end", () => {
    expect(new Run(graph({ t: "start", l: ["each", { items: [] }], p: "pass" }, ["t>l", "l:body>p"])).status).toBe(
      "completed",
    );
    expect(new Run(graph({ t: "start", l: ["each", { items: [1, 2, 3] }] }, ["t>l"])).status).toBe("completed");
  });
});

describe("cancelling", () => {
  it("takes back what is under way and is final", () => {
    const run = new Run(graph({ t: "start", c: "call", w: "await" }, ["t>c", "t>w"]));
    const { effects } = run.feed({ type: "cancel", at: 2_000, reason: "enough" });
    expect(effects.map((effect) => effect.type).sort()).toEqual(["abort", "finished", "unlisten"]);
    expect([run.status, run.live]).toEqual(["cancelled", []]);
    expect(run.ok("c:2").ignored).toBe(true);
  });
});

describe("rows", () => {
  it("hold the whole state (I5)", () => {
    const run = new Run(
      graph(
        {
          t: "start",
          l: ["each", { items: [1, 2] }],
          c: "call",
          s: ["sleep", { ms: 5 }],
          p: ["pass", { set: { v: [1] } }],
        },
        ["t>p", "p>l", "l:body>c", "t>s"],
      ),
    );
    const rows = new Map<string, string>();
    const folded = newState();
    for (const input of run.journal) {
      const { delta } = step(run.program, folded, input);
      for (const [key, value] of deltaRows(delta)) value === null ? rows.delete(key) : rows.set(key, value);
      applyDelta(folded, delta);
    }
    const loaded = stateOfRows(
      [...rows].map(([key, value]) => ({ key, value })),
      run.journal[0] as StartInput,
    );
    expect(plain(loaded)).toEqual(plain(run.state));
    expect(plain(folded)).toEqual(plain(run.state));
    // The event may be large, and is in the journal: no step writes it again.
    expect(Object.keys(JSON.parse(rows.get("run")!))).not.toContain("event");
  });
});
