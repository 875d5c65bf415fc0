// What may leave, and how an outgoing request can end. Types and limits only; judge-url.ts and guarded-fetch.ts obey them.

/** `allowHosts`: the operator's `host:port` exemptions. `ownHosts`: our own `host` or `host:port`, refused as targets. */
export type EgressRules = {
  production: boolean;
  allowHosts: readonly string[];
  ownHosts: readonly string[];
  /** Largest answer in bytes. */
  maxBytes: number;
  /** For the whole exchange, redirects and body included. */
  timeoutMs: number;
  maxRedirects: number;
};

/** SECURITY "Egress": at most 3 redirects. Ten seconds and a megabyte are our own defaults. */
export const DEFAULT_LIMITS = { maxBytes: 1_048_576, timeoutMs: 10_000, maxRedirects: 3 } as const;

export type EgressCode =
  | "malformed_url"
  | "scheme_not_allowed"
  | "credentials_in_url"
  | "port_not_allowed"
  | "host_not_allowed"
  | "address_not_public"
  | "own_host"
  | "loop"
  | "malformed_request";

export type EgressRefusal = { code: EgressCode; message: string };

export type EgressRequest = {
  url: string;
  /** Default GET. */
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  /** The hop count (hops.ts) of the event that causes this request; 0 when it had none. */
  hops?: number;
  signal?: AbortSignal;
};

export type EgressAnswer = {
  ok: true;
  /** Any HTTP status; 4xx and 5xx are answers too. */
  status: number;
  headers: Headers;
  body: Uint8Array;
  /** Where the answer came from, after redirects. */
  url: string;
};

export type EgressFailure = {
  ok: false;
  kind: "refused" | "timeout" | "network" | "too_large" | "too_many_redirects";
  message: string;
  /** True when the target may have seen a request, so that repeating it may do its work twice. */
  sent: boolean;
};
