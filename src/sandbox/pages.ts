// Memory of the interpreters in pages of 64 KiB: what meter/interpreters.ts writes into the modules and their hosts rely on.

import { MAX_BUDGET } from "./budget.ts";

export const PAGE = 65536;

/** The most that a budget may ask for, and room for the allocators' own bookkeeping when all of it is in use. */
const GUEST_PAGES = MAX_BUDGET.memoryBytes / PAGE + 32;

const pages = (own: number) => ({ min: own, max: own + GUEST_PAGES });

export const MEMORY_PAGES = {
  /** 64 KiB stack, 117 KiB data, and the first heap with the prelude in it. */
  micropython: pages(14),
  /** 87 KiB data, the stack of 5 MiB that the package is linked with, and a first heap. */
  quickjs: pages(88),
} as const;
