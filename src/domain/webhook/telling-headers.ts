// The headers of a webhook's call that a workflow may read: what the sender says of its event. Never what proves who it is, nor what proxies add.
import { isSecretHeader } from "../../lib/secret-header.ts";

const MAX_HEADERS = 40;
const MAX_VALUE = 500;
/** What proxies and the connection add. */
const OF_THE_WAY =
  /^cf-|^x-forwarded|^x-real-ip|^(?:host|connection|accept-encoding|content-length|transfer-encoding|cdn-loop|via|forwarded|expect|te|upgrade)$/;

/** `headers` has names in lower case. */
export const tellingHeaders = (headers: { [name: string]: string }): { [name: string]: string } =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !isSecretHeader(name) && !OF_THE_WAY.test(name))
      .slice(0, MAX_HEADERS)
      .map(([name, value]) => [name, value.slice(0, MAX_VALUE)]),
  );
