// One number of the WhatsApp Cloud API: whose messages it sends, and by which secrets its webhooks are believed.

export type WhatsAppCloudSettings = {
  phoneNumberId: string;
  accessToken: string;
  /** Signs what comes in; absent: nothing is believed. */
  appSecret?: string;
  /** Answers the subscription's challenge. */
  verifyToken?: string;
  /** Without a trailing slash; Meta's own when absent. */
  apiBaseUrl?: string;
};

const GRAPH = "https://graph.facebook.com";
/** Meta keeps a version for two years. */
const GRAPH_VERSION = "v23.0";
export const TIMEOUT_MS = 15_000;
export const MAX_ANSWER_BYTES = 262_144;

export const graphUrl = ({ apiBaseUrl }: WhatsAppCloudSettings, path: string): string =>
  `${(apiBaseUrl || GRAPH).replace(/\/+$/, "")}/${GRAPH_VERSION}/${path}`;
