// A new channel. Its credentials come in here and are never shown again.
import { type ChannelSetup, PROVIDER_FIELDS, type Provider } from "../../channels/index.ts";
import { insertChannel, isTooManyChannels, refuseMoreChannels } from "../../db/queries/channels.ts";
import { newId } from "../../lib/ids.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { type ChannelRow, type ChannelView, checkSetup, credentialsField, MAX_CHANNELS, viewOf } from "./channel.ts";
import { forgetInbound } from "./inbound-channels.ts";
import { forgetChannels } from "./open-channels.ts";

export type NewChannel = Omit<ChannelSetup, "kind"> & {
  name: string;
  provider: Provider;
  /** The provider's only or first kind when absent. */
  kind?: ChannelRow["kind"];
  /** Messages a second. */
  rate?: number | null;
};

export const createChannel = async (context: Context, input: NewChannel): Promise<ChannelView> => {
  authorizeRole(context.principal, "admin", "admin");
  const { principal, ports } = context;
  const { organizationId } = principal;
  const { provider, name, sender, settings, credentials } = input;
  const kind = input.kind ?? (PROVIDER_FIELDS[provider].kinds[0] as ChannelRow["kind"]);
  const setup = { kind, sender, settings, credentials };
  checkSetup(provider, setup, ports.egress);
  const at = ports.now();
  const id = newId(at);
  const row: ChannelRow = {
    organizationId,
    id,
    kind,
    provider,
    name,
    sender,
    inboundKey: PROVIDER_FIELDS[provider].inboundKey(setup) ?? null,
    credentialsSealed: await ports.secrets.encrypt(organizationId, credentialsField(id), JSON.stringify(credentials)),
    settings,
    rate: input.rate ?? null,
    status: "active",
    verifiedAt: null,
    createdBy: principal.userId,
    createdAt: at,
    updatedAt: at,
  };
  await ports.db
    .batch([
      insertChannel(ports.db, row),
      refuseMoreChannels(ports.db, row, MAX_CHANNELS),
      auditStatement(context, {
        action: "channel.created",
        targetType: "channel",
        targetId: id,
        details: { name, kind, provider, sender },
      }),
    ])
    .catch((error) => {
      throw isTooManyChannels(error) ? hasTooMany() : error;
    });
  forgetInbound(ports.db);
  forgetChannels(ports.db);
  return viewOf(row);
};

const hasTooMany = (): DomainError =>
  new DomainError("impossible", `An organization may have at most ${MAX_CHANNELS} channels; delete one first`, {
    subject: "channel",
  });
