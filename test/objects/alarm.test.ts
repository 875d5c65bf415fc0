// The one alarm of an object, over a storage that only remembers when it is set.
import { describe, expect, it, vi } from "vitest";
import { Alarm } from "../../src/objects/alarm.ts";

const fakeStorage = (set: number | null = null) => {
  let at = set;
  let writes = 0;
  const storage = {
    setAlarm: async (time: number) => {
      at = time;
      writes++;
    },
    getAlarm: async () => at,
    deleteAlarm: async () => {
      at = null;
    },
  };
  let loaded: Promise<unknown> = Promise.resolve();
  const blockConcurrencyWhile = (load: () => Promise<unknown>) => {
    loaded = load();
    return loaded;
  };
  const context = { storage, blockConcurrencyWhile } as unknown as DurableObjectState;
  return { context, at: () => at, writes: () => writes, loaded: () => loaded };
};

describe("alarm", () => {
  it("moves only to earlier times, and writes only then", () => {
    const fake = fakeStorage();
    const alarm = new Alarm(fake.context);
    for (const time of [100, 200, 100, 50]) alarm.wakeBy(time);
    expect([fake.at(), fake.writes()]).toEqual([50, 2]);
  });

  it("of an earlier life is not moved by a later wish", async () => {
    const fake = fakeStorage(100);
    const alarm = new Alarm(fake.context);
    await fake.loaded();
    alarm.wakeBy(200);
    expect([fake.at(), fake.writes()]).toEqual([100, 0]);
    alarm.wakeBy(50);
    expect(fake.at()).toBe(50);
  });

  it("is set before the work begins, and afterwards as the work says", async () => {
    const fake = fakeStorage();
    const alarm = new Alarm(fake.context);
    const later = Date.now() + 1_000_000;
    await alarm.handle("test", async () => {
      expect(fake.at()).toBeGreaterThan(Date.now());
      return later;
    });
    expect(fake.at()).toBe(later);
    await alarm.handle("test", async () => null);
    expect(fake.at()).toBeNull();
  });

  it("keeps its watchdog when the work fails, and does not throw", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const fake = fakeStorage();
    await new Alarm(fake.context).handle("test", () => Promise.reject(new Error("broken")));
    expect(fake.at()).toBeGreaterThan(Date.now());
    expect(log.mock.calls.flat().join()).toContain("broken");
    log.mockRestore();
  });

  it("does not forget what was asked for while the work went on", async () => {
    const fake = fakeStorage();
    const alarm = new Alarm(fake.context);
    const soon = Date.now() + 10_000;
    await alarm.handle("test", async () => {
      await Promise.resolve();
      alarm.wakeBy(soon);
      return null;
    });
    expect(fake.at()).toBe(soon);
  });
});
