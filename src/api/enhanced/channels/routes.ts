// An organisation's own channels. What they hold in secret comes in and never out.
import {
  changeChannel,
  deleteChannel,
  listChannels,
  readChannel,
  verifyChannel,
} from "../../../domain/channel/change-channel.ts";
import type { ChannelView } from "../../../domain/channel/channel.ts";
import { createChannel } from "../../../domain/channel/create-channel.ts";
import type { ApiContext } from "../../shared/api.ts";
import { parsePage } from "../../shared/page.ts";
import { toPagination } from "../convert.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import { fromChannelChange, fromNewChannel, toChannel } from "./convert.ts";
import * as schema from "./schema.ts";

const CHANNELS = `${BASE}/channels` as const;

const { routes, operation } = enhancedOperations();

export { routes };

const shown = (c: ApiContext, channel: ChannelView) =>
  toChannel(
    channel,
    c.var.context.principal.organizationId,
    c.var.configuration.publicUrl ?? new URL(c.req.url).origin,
  );

const verify = async (c: ApiContext, id: string) => {
  const { verified, reason, channel } = await verifyChannel(c.var.context, id, (input, init) => fetch(input, init));
  return c.json({ verified, reason, channel: shown(c, channel) });
};

operation(
  {
    method: "get",
    path: CHANNELS,
    summary: "List channels",
    tag: "Channels",
    query: schema.listQuery,
    answers: { 200: schema.channels },
    errors: [...ALWAYS],
  },
  async (c) => {
    const page = parsePage(c, "limit");
    const { rows, total } = await listChannels(c.var.context, page);
    return c.json({ channels: rows.map((row) => shown(c, row)), pagination: toPagination(page, total) });
  },
);

operation(
  {
    method: "post",
    path: CHANNELS,
    summary: "Create a channel",
    tag: "Channels",
    body: schema.createChannelBody,
    answers: { 201: schema.oneChannel },
    errors: [...ALWAYS, 409],
  },
  async (c, { body }) => c.json({ channel: shown(c, await createChannel(c.var.context, fromNewChannel(body))) }, 201),
);

operation(
  {
    method: "get",
    path: `${CHANNELS}/{channelId}`,
    summary: "Get a channel",
    tag: "Channels",
    answers: { 200: schema.oneChannel },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => c.json({ channel: shown(c, await readChannel(c.var.context, params.channelId)) }),
);

for (const method of ["put", "patch"] as const)
  operation(
    {
      method,
      path: `${CHANNELS}/{channelId}`,
      summary: "Change a channel; what is not named stays",
      tag: "Channels",
      body: schema.changeChannelBody,
      answers: { 200: schema.oneChannel },
      errors: [...ALWAYS, 404, 409],
    },
    async (c, { body, params }) =>
      c.json({ channel: shown(c, await changeChannel(c.var.context, params.channelId, fromChannelChange(body))) }),
  );

operation(
  {
    method: "delete",
    path: `${CHANNELS}/{channelId}`,
    summary: "Delete a channel",
    tag: "Channels",
    answers: { 200: schema.deletedChannel },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) =>
    c.json({ success: true, channel: shown(c, await deleteChannel(c.var.context, params.channelId)) }),
);

for (const word of ["verify", "test"])
  operation(
    {
      method: "post",
      path: `${CHANNELS}/{channelId}/${word}`,
      summary: "Verify a channel's credentials with its provider",
      tag: "Channels",
      answers: { 200: schema.verified },
      errors: [...ALWAYS, 404],
    },
    (c, { params }) => verify(c, params.channelId),
  );
