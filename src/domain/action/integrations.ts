// The outside systems that an organisation's workflows reach: its channels and the hosts that they called, with how that went. Never a credential.
import type { Channel } from "../../channels/channel.ts";
import { listChannels } from "../../db/queries/channels.ts";
import { type CalledService, selectCalled } from "../../db/queries/seen.ts";
import { DAY_MS, HOUR_MS } from "../../lib/durations.ts";
import { typesThat } from "../../nodes/index.ts";
import { MAX_CHANNELS } from "../channel/channel.ts";
import type { Context } from "../context.ts";

const WINDOW_DAYS = 30;

export type Integration = {
  id: string;
  type: "channel" | "host";
  /** sms, whatsapp, email, inapp; http for a host. */
  kind: string;
  provider: string;
  name: string;
  /** The address that people see; null for a host. */
  sender: string | null;
  /** Whose settings it comes from: a row of the organisation's, the operator's variables, the product itself, or what workflows call. */
  source: "organization" | "operator" | "builtin" | "observed";
  enabled: boolean;
  /** `unused`: nothing was measured in the last 30 days; `failing`: the last known call failed. */
  status: "healthy" | "failing" | "unused" | "disabled";
  calls: number;
  failed: number;
  /** The hour (its beginning, epoch ms) of the last call that went well. */
  lastSuccessAt: number | null;
  lastFailureAt: number | null;
  /** When a check of its own found it good. */
  verifiedAt: number | null;
  actionTypes: string[];
};

const USED_BY: Record<string, string[]> = {
  email: ["action_email", "action_chat_message"],
  http: ["action_webhook"],
};
const MESSAGING = [...typesThat(({ writes }) => writes === "chat")];

const providerOf = ({ kind, capabilities: { addressedBy } }: Channel): string => {
  if (kind === "email") return "smtp";
  if (kind === "inapp") return "inapp";
  return addressedBy === "whatsapp_bsuid" ? "whatsapp_cloud" : "twilio";
};

const measured = (
  called: CalledService | undefined,
  enabled: boolean,
): Pick<Integration, "enabled" | "status" | "calls" | "failed" | "lastSuccessAt" | "lastFailureAt"> => {
  const { calls = 0, failed = 0, lastGoodHour = null, lastFailedAt = null } = called ?? {};
  const isFailing = lastFailedAt !== null && (lastGoodHour === null || lastGoodHour + HOUR_MS <= lastFailedAt);
  return {
    enabled,
    status: !enabled ? "disabled" : calls === 0 ? "unused" : isFailing ? "failing" : "healthy",
    calls,
    failed,
    lastSuccessAt: lastGoodHour,
    lastFailureAt: lastFailedAt,
  };
};

/** Of a kind of channel all that left by it is measured together: a call says by which kind it went. */
export const readIntegrations = async ({ principal, ports }: Context): Promise<Integration[]> => {
  const { organizationId } = principal;
  const since = ports.now() - WINDOW_DAYS * DAY_MS;
  const [rows, senders, results] = await Promise.all([
    listChannels(ports.db, organizationId, { limit: MAX_CHANNELS, offset: 0 }),
    ports.channels(organizationId),
    selectCalled(ports.db, organizationId, since).all<CalledService>(),
  ]);
  const called = new Map(results.results.map((one) => [one.service, one]));
  const usedBy = (kind: string) => USED_BY[kind] ?? MESSAGING;
  const own = rows.rows.map(
    (row): Integration => ({
      id: row.id,
      type: "channel",
      kind: row.kind,
      provider: row.provider,
      name: row.name,
      sender: row.sender,
      source: "organization",
      ...measured(called.get(row.kind), row.status === "active"),
      verifiedAt: row.verifiedAt,
      actionTypes: usedBy(row.kind),
    }),
  );
  const others = [...senders.configured.filter(({ channelId }) => channelId === null), senders.inapp].map(
    ({ channel, sender }): Integration => {
      const isBuiltIn = channel.kind === "inapp";
      return {
        id: `${isBuiltIn ? "builtin" : "operator"}:${channel.kind}`,
        type: "channel",
        kind: channel.kind,
        provider: providerOf(channel),
        name: isBuiltIn ? "In the app" : channel.kind,
        sender: sender || null,
        source: isBuiltIn ? "builtin" : "operator",
        ...measured(called.get(channel.kind), true),
        verifiedAt: null,
        actionTypes: usedBy(channel.kind),
      };
    },
  );
  const kinds = new Set([...own, ...others].map(({ kind }) => kind));
  const hosts = results.results
    .filter(({ service }) => !kinds.has(service) && service.includes("."))
    .map(
      (one): Integration => ({
        id: `host:${one.service}`,
        type: "host",
        kind: "http",
        provider: one.service,
        name: one.service,
        sender: null,
        source: "observed",
        ...measured(one, true),
        verifiedAt: null,
        actionTypes: usedBy("http"),
      }),
    );
  return [...own, ...others, ...hosts];
};
