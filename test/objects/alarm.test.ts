// The one alarm of an object, over a storage that only remembers when it is set.
import { describe, expect, it, vi } from "vitest";
import { Alarm } from "../../src/objects/alarm.ts";

const fakeStorage = () => {
  let at: number | null = null;
  let writes = 0;
  const storage = {
    setAlarm: async (time: number) => {
      at = time;
      writes++;
    },
    deleteAlarm: async () => {
      at = null;
    },
  } as unknown as DurableObjectStorage;
  return { storage, at: () => at, writes: () => writes };
};

describe("alarm", () => {
  it("moves only to earlier times, and writes only then", () => {
    const fake = fakeStorage();
    const alarm = new Alarm(fake.storage);
    for (const time of [100, 200, 100, 50]) alarm.wakeBy(time);
    expect([fake.at(), fake.writes()]).toEqual([50, 2]);
  });

  it("is set before the work begins, and afterwards as the work says", async () => {
    const fake = fakeStorage();
    const alarm = new Alarm(fake.storage);
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
    await new Alarm(fake.storage).handle("test", () => Promise.reject(new Error("broken")));
    expect(fake.at()).toBeGreaterThan(Date.now());
    expect(log.mock.calls.flat().join()).toContain("broken");
    log.mockRestore();
  });

  it("does not forget what was asked for while the work went on", async () => {
    const fake = fakeStorage();
    const alarm = new Alarm(fake.storage);
    const soon = Date.now() + 10_000;
    await alarm.handle("test", async () => {
      await Promise.resolve();
      alarm.wakeBy(soon);
      return null;
    });
    expect(fake.at()).toBe(soon);
  });
});
