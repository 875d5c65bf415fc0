// The last hour of what isolates have noticed of themselves, in parts of five minutes. Pure.
import { addVitals, type Vitals } from "../../lib/vitals.ts";

const PART_MS = 300_000;
const PARTS = 12;

/** PERSISTED CONTRACT (the heartbeat's storage): parts by when they began, epoch ms, earliest first. */
export type KeptVitals = { at: number; vitals: Vitals }[];

const isRecent = (at: number, now: number): boolean => Math.abs(now - at) <= PARTS * PART_MS;

/** With `more` in the part of now, and without what is older than an hour. */
export const keepVitals = (kept: KeptVitals, more: Vitals, now: number): KeptVitals => {
  const at = Math.floor(now / PART_MS) * PART_MS;
  const recent = kept.filter((part) => isRecent(part.at, at));
  const present = recent.find((part) => part.at === at);
  if (!present) return [...recent, { at, vitals: more }].slice(-PARTS);
  return recent.map((part) => (part === present ? { at, vitals: addVitals([part.vitals, more]) } : part));
};

export const lastHour = (kept: KeptVitals, now: number): Vitals =>
  addVitals(kept.filter(({ at }) => isRecent(at, now)).map(({ vitals }) => vitals));
