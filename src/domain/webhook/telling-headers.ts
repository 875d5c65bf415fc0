// The headers of a webhook's call that a workflow may read: what the sender says of its event. Never what proves who it is, nor what proxies add.

const MAX_HEADERS = 40;
const MAX_VALUE = 500;
const HIDDEN =
  /auth|cookie|token|secret|passw|pwd|credential|session|csrf|xsrf|jwt|bearer|signature|hmac|(?<!^idempotency-)key|^cf-|^x-forwarded|^x-real-ip|^(?:host|connection|accept-encoding|content-length|transfer-encoding|cdn-loop|via|forwarded|expect|te|upgrade)$/;

/** `headers` has names in lower case. */
export const tellingHeaders = (headers: { [name: string]: string }): { [name: string]: string } =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !HIDDEN.test(name))
      .slice(0, MAX_HEADERS)
      .map(([name, value]) => [name, value.slice(0, MAX_VALUE)]),
  );
