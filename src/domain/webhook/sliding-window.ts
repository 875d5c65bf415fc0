// A sliding window, counted in slices: never more than `max` in any window, with at most 61 numbers kept however large `max` is. A slice leaves
// when its last moment has left, so a place frees up to a sixtieth of the window late, and never early. Pure; who keeps the state says so there.

/** PERSISTED CONTRACT: start of a slice (epoch ms, ascending) and how many requests it counted. */
export type WindowState = [start: number, count: number][];

export type WindowVerdict = {
  allowed: boolean;
  /** The state to keep; the same object when nothing was counted or dropped. */
  state: WindowState;
  remaining: number;
  /** Epoch ms at which the oldest counted request leaves: a refused caller may come back then. */
  resetAtMs: number;
};

const SLICES = 60;

export const slideWindow = (
  state: WindowState,
  limit: { max: number; windowSeconds: number },
  now: number,
): WindowVerdict => {
  const windowMs = limit.windowSeconds * 1000;
  const sliceMs = Math.max(1, Math.ceil(windowMs / SLICES));
  const leavesAt = (start: number): number => start + sliceMs + windowMs;

  // A clock that went back must not free places, nor lock them for longer than a window.
  const live = state.filter(([start]) => leavesAt(start) > now && start <= now + windowMs);
  const used = live.reduce((sum, [, count]) => sum + count, 0);
  const allowed = used < limit.max;
  if (allowed) {
    const start = Math.floor(now / sliceMs) * sliceMs;
    const last = live.at(-1);
    if (last && last[0] >= start) live[live.length - 1] = [last[0], last[1] + 1];
    else live.push([start, 1]);
  }
  const oldest = live[0];
  return {
    allowed,
    state: allowed || live.length !== state.length ? live : state,
    remaining: Math.max(0, limit.max - used - (allowed ? 1 : 0)),
    resetAtMs: oldest ? leavesAt(oldest[0]) : now + windowMs,
  };
};
