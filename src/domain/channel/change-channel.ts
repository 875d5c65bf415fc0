// Changing, checking and removing a channel. Messages that went by it keep its id.
import { type ChannelSetup, PROVIDER_FIELDS } from "../../channels/index.ts";
import {
  deleteChannel as deleteStatement,
  findChannel,
  listChannels as listRows,
  updateChannel as updateStatement,
} from "../../db/queries/channels.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError, invalid, notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import {
  type ChannelRow,
  type ChannelView,
  checkSetup,
  credentialsField,
  egressProblem,
  setupOf,
  viewOf,
} from "./channel.ts";
import { forgetInbound } from "./inbound-channels.ts";
import { forgetChannels } from "./open-channels.ts";

const open = async ({ principal, ports }: Context, id: string): Promise<ChannelRow> => {
  const row = await findChannel(ports.db, principal.organizationId, id);
  if (!row) throw notFound("channel");
  return row;
};

export const listChannels = async (
  { principal, ports }: Context,
  page: { limit: number; offset: number },
): Promise<{ rows: ChannelView[]; total: number }> => {
  authorizeRole(principal, "viewer", "read");
  const { rows, total } = await listRows(ports.db, principal.organizationId, page);
  return { rows: rows.map(viewOf), total };
};

export const readChannel = async (context: Context, id: string): Promise<ChannelView> => {
  authorizeRole(context.principal, "viewer", "read");
  return viewOf(await open(context, id));
};

export type ChannelChange = Partial<Pick<ChannelRow, "name" | "sender" | "rate" | "status">> &
  Partial<Pick<ChannelSetup, "settings" | "credentials">>;

/** Credentials are replaced as a whole. They have to come along when they would go to another account or address. */
export const changeChannel = async (context: Context, id: string, change: ChannelChange): Promise<ChannelView> => {
  authorizeRole(context.principal, "admin", "admin");
  const { ports } = context;
  const row = await open(context, id);
  const before = await setupOf(ports.secrets, row);
  const setup: ChannelSetup = {
    kind: row.kind,
    sender: change.sender ?? row.sender,
    settings: change.settings ?? before.settings,
    credentials: change.credentials ?? before.credentials,
  };
  if (change.settings && !change.credentials && JSON.stringify(change.settings) !== JSON.stringify(before.settings))
    throw invalid("credentials", "Must be given again when the settings change: they may lead somewhere else.");
  checkSetup(row.provider, setup, ports.egress);
  const isOther = change.settings !== undefined || change.credentials !== undefined;
  const next: ChannelRow = {
    ...row,
    name: change.name ?? row.name,
    sender: setup.sender,
    settings: setup.settings,
    rate: change.rate === undefined ? row.rate : change.rate,
    status: change.status ?? row.status,
    inboundKey: PROVIDER_FIELDS[row.provider].inboundKey(setup) ?? null,
    credentialsSealed: change.credentials
      ? await ports.secrets.encrypt(row.organizationId, credentialsField(id), JSON.stringify(change.credentials))
      : row.credentialsSealed,
    verifiedAt: isOther ? null : row.verifiedAt,
    updatedAt: ports.now(),
  };
  await ports.db.batch([
    updateStatement(ports.db, row, next),
    auditStatement(context, {
      action: "channel.changed",
      targetType: "channel",
      targetId: id,
      details: { fields: Object.keys(change).sort() },
    }),
  ]);
  forgetInbound(ports.db);
  forgetChannels(ports.db);
  return viewOf(next);
};

export const deleteChannel = async (context: Context, id: string): Promise<ChannelView> => {
  authorizeRole(context.principal, "admin", "admin");
  const { ports } = context;
  const row = await open(context, id);
  await ports.db.batch([
    deleteStatement(ports.db, row.organizationId, id),
    auditStatement(context, {
      action: "channel.deleted",
      targetType: "channel",
      targetId: id,
      details: { name: row.name, sender: row.sender },
    }),
  ]);
  forgetInbound(ports.db);
  forgetChannels(ports.db);
  return viewOf(row);
};

/** Asks the provider whether it knows the credentials. Sends nothing to anybody. `ask`: the network. */
export const verifyChannel = async (
  context: Context,
  id: string,
  ask: typeof fetch,
): Promise<{ verified: boolean; reason: string | null; channel: ChannelView }> => {
  authorizeRole(context.principal, "admin", "admin");
  const { ports } = context;
  const row = await open(context, id);
  const setup = await setupOf(ports.secrets, row);
  const refused = egressProblem(row.provider, setup, ports.egress);
  if (refused) throw new DomainError("invalid_input", `${refused.field}: ${refused.message}`, { problems: [refused] });
  const channel = PROVIDER_FIELDS[row.provider].create(setup, "");
  const checked = channel.check
    ? await channel.check({ fetch: ask, now: ports.now })
    : ({ ok: false, reason: "This provider cannot be asked without sending a message" } as const);
  const verifiedAt = checked.ok ? ports.now() : null;
  await ports.db.batch([
    updateStatement(ports.db, row, { verifiedAt }),
    auditStatement(context, {
      action: "channel.verified",
      targetType: "channel",
      targetId: id,
      details: { verified: checked.ok },
    }),
  ]);
  return { verified: checked.ok, reason: checked.ok ? null : checked.reason, channel: viewOf({ ...row, verifiedAt }) };
};
