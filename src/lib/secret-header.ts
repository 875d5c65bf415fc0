// Which headers may hold a proof of who somebody is, by their names: for whatever keeps, shows or forwards headers that are not ours.

/** Wider than the standard's Authorization and Cookie: senders call their keys as they like. An idempotency key is none. */
const SECRET =
  /auth|cookie|token|secret|passw|pwd|credential|session|csrf|xsrf|jwt|bearer|signature|hmac|(?<!^idempotency-)key/i;

export const isSecretHeader = (name: string): boolean => SECRET.test(name);
