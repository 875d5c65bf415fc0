// The event stream survives a kill at every call that its consumer makes, and whoever says so is checked: known bugs are planted one at a time.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { StreamEvent } from "../../src/domain/event.ts";
import { newId } from "../../src/lib/ids.ts";
import { Outbox, RESEND_FIRST_MS } from "../../src/objects/outbox.ts";
import { Stream } from "./stream.ts";

/** A process that dies says so, a hundred times. */
const hush = () => {
  for (const method of ["error", "warn"] as const) vi.spyOn(console, method).mockImplementation(() => {});
};
beforeEach(hush);
afterEach(() => vi.restoreAllMocks());

type Plant = (stream: Stream) => void;

const eventOf = (organizationId: string, type: string, depth = 0): StreamEvent => {
  const now = Date.now();
  return { id: newId(now), organizationId, type, source: "api", data: {}, occurredAt: now, depth };
};

/** Two organisations with the same types of events, one delivery that comes twice, one event that nothing can process. Dies at a call, once. */
const streamed = async (dieAt: number, plant: Plant = () => {}): Promise<{ violations: string[]; calls: number }> => {
  const stream = new Stream(20);
  plant(stream);
  const workflows = new Map<string, string>();
  for (const organizationId of ["a", "a", "b"])
    workflows.set(await stream.subscribe(organizationId, "T"), organizationId);
  stream.poison = await stream.subscribe("b", "POISON");
  // It begins a run all the same, before its other one fails.
  await stream.subscribe("b", "POISON");
  const told = new Map<string, Set<string>>();
  for (let n = 0; n < 3; n++) {
    for (const organizationId of ["a", "b"]) await stream.accept(eventOf(organizationId, "T", n));
    // The sender comes again: it has not heard.
    const ids = told.get(`key ${n}`) ?? new Set();
    for (let times = 0; times < 2; times++) ids.add((await stream.accept(eventOf("a", "T"), `key ${n}`)).eventId);
    told.set(`key ${n}`, ids);
  }
  await stream.accept(eventOf("b", "POISON"));
  stream.dieAt = dieAt;
  await stream.drain();
  const calls = stream.calls.length;
  if (stream.isDead) await stream.restart();
  for (let round = 1; round <= 5 && stream.pending > 0; round++) {
    await stream.drain();
    await stream.sweep(Date.now() + round * 60 * RESEND_FIRST_MS);
  }
  await stream.drain();
  return { violations: await violationsOf(stream, workflows, told), calls };
};

const violationsOf = async (
  stream: Stream,
  workflows: ReadonlyMap<string, string>,
  told: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<string[]> => {
  const found: string[] = [];
  const letters = new Set((await stream.rows("SELECT subject_id AS id FROM dead_letters")).map(({ id }) => id));
  const log = await stream.rows("SELECT org_id AS organizationId, id, type, outcome FROM events");
  // What the index lacks is what nobody looks after when its report gets lost.
  const index = new Set((await stream.rows("SELECT id FROM executions")).map(({ id }) => id));
  const processed = new Map(log.filter(({ outcome }) => outcome !== null).map((row) => [row.id as string, row]));
  for (const { id, type } of stream.accepted.values()) {
    if (!processed.has(id) && !letters.has(id))
      found.push(`an accepted ${type} is neither processed nor a dead letter`);
  }
  if (stream.pending > 0) found.push(`${stream.pending} events wait for ever`);
  for (const [key, ids] of told) if (ids.size > 1) found.push(`${key} has led to ${ids.size} events`);
  const listed = new Set<string>();
  for (const { id, organizationId, outcome, type } of processed.values()) {
    const { started } = JSON.parse(String(outcome)) as { started: { executionId: string; workflowId: string }[] };
    const wanted = [...workflows].filter(([, owner]) => type === "T" && owner === organizationId);
    if (started.length !== wanted.length) found.push(`a ${type} has started ${started.length} of ${wanted.length}`);
    for (const { executionId, workflowId } of started) {
      listed.add(executionId);
      if (workflows.get(workflowId) !== organizationId) found.push(`${id} has started another organisation's workflow`);
      if (!stream.runs.has(executionId)) found.push("the log names a run that there is not");
    }
  }
  for (const [id, { event }] of stream.runs) {
    if (!listed.has(id) && !letters.has(event.id)) found.push("there is a run that the log does not name");
    if (!index.has(id)) found.push("the index lacks a run");
  }
  return [...new Set(found)];
};

/** At every call of the undisturbed stream, and nowhere. */
const deathsOf = async () => Array.from({ length: (await streamed(0)).calls + 1 }, (_, at) => at);

it("survives a kill at every call of its consumer", { timeout: 120_000 }, async () => {
  const deaths = await deathsOf();
  expect(deaths.length).toBeGreaterThan(30);
  for (const at of deaths) expect([at, (await streamed(at)).violations]).toEqual([at, []]);
});

const rewriting =
  (from: RegExp, to: string): Plant =>
  ({ db }) => {
    const { prepare } = db;
    db.prepare = (sql) => prepare.call(db, sql.replace(from, to));
  };

const bugs: { name: string; plant: Plant; caught: RegExp }[] = [
  {
    name: "dedupe is removed",
    plant: () => {
      const { accept } = Outbox.prototype;
      vi.spyOn(Outbox.prototype, "accept").mockImplementation(function (this: Outbox, event, _, now) {
        return accept.call(this, event, undefined, now);
      });
    },
    caught: /key 0 has led to 2 events/,
  },
  {
    name: "an event is acknowledged before it is processed",
    plant: (stream) => {
      const { batch } = stream.env.DB;
      stream.env.DB.batch = async (statements) => {
        for (const { outbox } of stream.boxes.values()) outbox.acknowledge([...stream.accepted.keys()]);
        return batch(statements);
      };
    },
    caught: /neither processed nor a dead letter/,
  },
  {
    name: "a run is of its delivery, and not of its event",
    plant: ({ env }) => {
      const { get } = env.EXECUTION;
      env.EXECUTION.get = (() => get(newId() as never)) as typeof get;
    },
    caught: /a run that there is not|a run that the log does not name/,
  },
  {
    name: "the outcome is written before its runs are begun",
    plant: (stream) => {
      const begun: (() => void)[] = [];
      const { start } = stream;
      stream.start = (name, request) => {
        if (request.workflowId === stream.poison) start.call(stream, name, request);
        else begun.push(() => start.call(stream, name, request));
      };
      stream.onDelivered = () => {
        for (const begin of begun.splice(0)) if (!stream.isDead) begin();
      };
    },
    caught: /the log names a run that there is not/,
  },
  {
    name: "nothing is sent again",
    plant: () => void vi.spyOn(Outbox.prototype, "sweep").mockResolvedValue(null),
    caught: /neither processed nor a dead letter|wait for ever/,
  },
  {
    name: "what is given up is thrown away",
    plant: rewriting(/WHERE \?3 <> 'events' OR NOT EXISTS/, "WHERE 0 AND NOT EXISTS"),
    caught: /neither processed nor a dead letter/,
  },
  {
    name: "a read forgets the organisation",
    plant: (stream) => {
      rewriting(/ON s\.org_id = q\.org_id AND/, "ON")(stream);
      rewriting(/SELECT s\.org_id AS organizationId/, "SELECT q.org_id AS organizationId")(stream);
    },
    caught: /another organisation's workflow/,
  },
  {
    name: "the index is not told of runs that are begun",
    plant: rewriting(/INSERT INTO executions \(([\s\S]*?)WHERE true/, "INSERT INTO executions ($1WHERE false"),
    caught: /the index lacks a run/,
  },
  {
    name: "what started something has no outcome",
    plant: rewriting(/AND events\.outcome IS NULL/, "AND json_array_length(q.value -> 'outcome', '$.started') = 0"),
    caught: /there is a run that the log does not name|neither processed/,
  },
];

describe("the checker catches", () => {
  it.each(bugs)("$name", { timeout: 120_000 }, async ({ plant, caught }) => {
    for (const at of await deathsOf()) {
      const { violations } = await streamed(at, plant);
      vi.restoreAllMocks();
      hush();
      if (violations.length === 0) continue;
      expect(violations.join("\n")).toMatch(caught);
      return;
    }
    expect.fail("nothing was noticed");
  });
});
