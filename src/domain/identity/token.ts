// JSON Web Tokens: ours by a shared secret, other issuers' by their JWKS. The algorithms are ours to choose, never the token's.
import { createRemoteJWKSet, decodeProtectedHeader, errors, type JWTVerifyOptions, jwtVerify, SignJWT } from "jose";
import { DomainError } from "../errors.ts";
import { isUserId } from "./user-id.ts";

export type TokenRules = { secret?: string; jwksUrl?: string; issuer?: string; audience?: string };

/** What a token says; `organizationId` is a wish, membership decides. `expiresAt`: epoch ms. */
export type TokenClaims = { userId: string; username: string; organizationId?: string; expiresAt: number };

export const TOKEN_SECONDS = 8 * 3600;
/** The last second of the year 9999: an end of a token that is later is none. */
const LATEST_SECONDS = 253_402_300_799;

const refused = (message: string) => new DomainError("unauthenticated", message);

/** Headers by which a token would bring its own key, or demand what we don't know. */
const FORBIDDEN_HEADERS = ["jku", "jwk", "x5u", "x5c", "crit", "b64"];
const TYPES: ReadonlySet<string> = new Set(["jwt", "at+jwt"]);
/** One algorithm for each kind of key. */
const JWKS_ALGORITHMS = ["RS256", "ES256", "EdDSA"];

const keySets = new Map<string, ReturnType<typeof createRemoteJWKSet>>();
const keySetOf = (url: string) => {
  const known = keySets.get(url);
  if (known) return known;
  const made = createRemoteJWKSet(new URL(url));
  keySets.set(url, made);
  return made;
};

/** The key and the one algorithm that goes with it. A symmetric key never meets RS256, a public one never HS256: no token can swap them. */
const verify = (token: string, alg: unknown, rules: TokenRules, options: JWTVerifyOptions) => {
  if (rules.secret && (alg === "HS256" || !rules.jwksUrl)) {
    return jwtVerify(token, new TextEncoder().encode(rules.secret), { ...options, algorithms: ["HS256"] });
  }
  if (!rules.jwksUrl) throw refused("Invalid token");
  return jwtVerify(token, keySetOf(rules.jwksUrl), { ...options, algorithms: JWKS_ALGORITHMS });
};

const headerOf = (token: string) => {
  try {
    return decodeProtectedHeader(token);
  } catch {
    throw refused("Invalid token");
  }
};

/** Throws `unauthenticated` for any fault of the token, `unavailable` when the issuer's keys can't be had. */
export const readToken = async (token: string, rules: TokenRules, now: number): Promise<TokenClaims> => {
  const header = headerOf(token);
  if (FORBIDDEN_HEADERS.some((name) => Object.hasOwn(header, name))) throw refused("Invalid token");
  if (header.typ !== undefined && !TYPES.has(String(header.typ).toLowerCase())) throw refused("Invalid token");
  const { payload } = await verify(token, header.alg, rules, {
    requiredClaims: ["exp"],
    currentDate: new Date(now),
    ...(rules.issuer ? { issuer: rules.issuer } : {}),
    ...(rules.audience ? { audience: rules.audience } : {}),
  }).catch(judgeFailure);
  // JSON can spell infinity (1e999) and what comes to the same: a token that never expires.
  if (!(payload.exp! <= LATEST_SECONDS)) throw refused("Invalid token");
  const userId = userIdOf(payload.user_id ?? payload.sub);
  if (userId === undefined) throw refused("Token names no user");
  const { username, org_id: organization } = payload;
  const organizationId = typeof organization === "number" ? String(organization) : organization;
  return {
    userId,
    username: typeof username === "string" && username !== "" ? username.slice(0, 200) : userId,
    expiresAt: payload.exp! * 1000,
    ...(typeof organizationId === "string" && organizationId !== "" ? { organizationId } : {}),
  };
};

const judgeFailure = (error: unknown): never => {
  if (error instanceof errors.JWTExpired) throw refused("Token has expired");
  // What is not jose's, or is about the key set as a whole, came from fetching it: the token may be good.
  const keysFailed =
    !(error instanceof errors.JOSEError) ||
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === "ERR_JOSE_GENERIC";
  if (keysFailed)
    throw new DomainError("unavailable", "The token issuer's keys can't be read", { retryAfterSeconds: 5 });
  throw refused("Invalid token");
};

/** A user's id as text, from a string or an integer. */
const userIdOf = (claim: unknown): string | undefined => {
  if (typeof claim === "number") return Number.isSafeInteger(claim) ? String(claim) : undefined;
  return typeof claim === "string" && isUserId(claim) ? claim : undefined;
};

export const signToken = async (
  claims: { userId: number; username: string; organizationId: string },
  rules: TokenRules & { secret: string },
  now: number,
): Promise<string> => {
  const seconds = Math.floor(now / 1000);
  const token = new SignJWT({ user_id: claims.userId, username: claims.username, org_id: claims.organizationId })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + TOKEN_SECONDS);
  if (rules.issuer) token.setIssuer(rules.issuer);
  if (rules.audience) token.setAudience(rules.audience);
  return token.sign(new TextEncoder().encode(rules.secret));
};
