// The door of the egress guard: every request to a URL that a user configured goes through here (SECURITY "Egress").

export { guardedFetch } from "./egress/guarded-fetch.ts";
export { HOP_HEADER, hopsOf, MAX_HOPS } from "./egress/hops.ts";
export { canonicalHost, parseHostPorts } from "./egress/host-port.ts";
export { judgeUrl } from "./egress/judge-url.ts";
export * from "./egress/rules.ts";
export { hostIn, tellFailure } from "./egress/tell-failure.ts";
