// Name and password for a token. Guessing is slowed by network, by account and network, and by account; a network where the owner logged
// in before is spared the last of these, so that nobody locks an owner out from afar. The windows fail closed.
import { findOwnOrganization } from "../../db/queries/organizations.ts";
import { findUserByName, isFamiliarNetwork, rememberNetwork } from "../../db/queries/users.ts";
import { sha256Hex } from "../../lib/hmac.ts";
import { auditOf } from "../audit/record.ts";
import { DomainError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { networkOf } from "./network.ts";
import { ensureOwnOrganization } from "./own-organization.ts";
import { verifyPassword } from "./password.ts";
import { signToken, TOKEN_SECONDS, type TokenRules } from "./token.ts";

const WINDOW_MS = 15 * 60_000;
/** Failed attempts in a window. Successful ones are given back. */
export const LOGIN_LIMITS = { network: 100, accountFromNetwork: 10, account: 50 };

/** Can be nobody's id, whoever issues tokens (user-id.ts): what is looked up for an account that there is not finds nothing. */
const NOBODY = "";

export type LoginAttempt = {
  username: string;
  password: string;
  clientAddress: string | undefined;
  requestId: string;
};

export type Session = {
  token: string;
  expiresInSeconds: number;
  organizationId: string;
  userId: number;
  username: string;
};

/** Throws `unauthenticated` (the same for an unknown name and a wrong password), `rate_limited`, `unavailable`. */
export const logIn = async (
  ports: Pick<Ports, "db" | "now" | "limiter">,
  attempt: LoginAttempt,
  { rules, demoAllowed }: { rules: TokenRules; demoAllowed: boolean },
): Promise<Session> => {
  const { secret } = rules;
  if (!secret) throw new DomainError("unavailable", "Passwords are off here: tokens come from the configured issuer");
  const username = attempt.username.normalize("NFC");
  const network = networkOf(attempt.clientAddress);
  const networkHash = await sha256Hex(network);
  const taken = await takeAttempt(ports, username, network, networkHash);

  const user = await findUserByName(ports.db, username);
  const right = await verifyPassword(attempt.password, user?.passwordHash);
  const audited = (organizationId: string, action: string) =>
    auditOf(ports.db, organizationId, user ? `user:${user.id}` : "", attempt.requestId, ports.now(), {
      action,
      details: { network },
    });
  if (!user || !right || (user.demo && !demoAllowed)) {
    // The same reads and writes whether or not there is such an account; nobody's organisation has no name.
    const own = await findOwnOrganization(ports.db, user ? String(user.id) : NOBODY);
    await audited(own?.organizationId ?? "", "login.failed").run();
    throw new DomainError("unauthenticated", "No active account found with the given credentials");
  }
  const own = await ensureOwnOrganization(ports, { userId: String(user.id), username: user.username });
  // A use that can't be given back only slows the next failures.
  await Promise.allSettled(taken.map((key) => ports.limiter.giveBack(key)));
  await ports.db.batch([
    rememberNetwork(ports.db, user.id, networkHash, ports.now()),
    audited(own.organizationId, "login.succeeded"),
  ]);
  const claims = { userId: user.id, username: user.username, organizationId: own.organizationId };
  const token = await signToken(claims, { ...rules, secret }, ports.now());
  return { token, expiresInSeconds: TOKEN_SECONDS, ...claims };
};

/** Counts an attempt before the password is looked at, so that attempts at once can't slip past; says what to give back. */
const takeAttempt = async (
  { db, limiter }: Pick<Ports, "db" | "limiter">,
  username: string,
  network: string,
  networkHash: string,
): Promise<string[]> => {
  const account = await sha256Hex(username);
  const windows = [
    { key: `login:network:${network}`, max: LOGIN_LIMITS.network, spared: false },
    { key: `login:pair:${account}:${network}`, max: LOGIN_LIMITS.accountFromNetwork, spared: false },
    { key: `login:account:${account}`, max: LOGIN_LIMITS.account, spared: true },
  ];
  const taken: string[] = [];
  for (const { key, max, spared } of windows) {
    const answer = await limiter.take(key, max, WINDOW_MS).catch(() => {
      throw new DomainError("unavailable", "Logins can't be counted right now", { retryAfterSeconds: 5 });
    });
    if (answer.allowed) taken.push(key);
    else if (!spared || !(await isFamiliarNetwork(db, username, networkHash))) {
      const retryAfterSeconds = Math.max(1, Math.ceil(answer.retryAfterMs / 1000));
      throw new DomainError("rate_limited", "Too many failed logins; try again later", { retryAfterSeconds });
    }
  }
  return taken;
};
