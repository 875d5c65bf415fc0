// An organisation's own channels. What they hold in secret comes in and never out.
import { Hono } from "hono";
import {
  changeChannel,
  deleteChannel,
  listChannels,
  readChannel,
  verifyChannel,
} from "../../../domain/channel/change-channel.ts";
import type { ChannelView } from "../../../domain/channel/channel.ts";
import { createChannel } from "../../../domain/channel/create-channel.ts";
import type { ApiContext, AppEnv } from "../../shared/api.ts";
import { parsePage } from "../../shared/page.ts";
import { parseBody } from "../../shared/parse.ts";
import { toPagination } from "../convert.ts";
import { fromChannelChange, fromNewChannel, toChannel } from "./convert.ts";
import { changeChannelBody, createChannelBody } from "./schema.ts";

const BASE = "/api/v2/channels";

const shown = (c: ApiContext, channel: ChannelView) =>
  toChannel(
    channel,
    c.var.context.principal.organizationId,
    c.var.configuration.publicUrl ?? new URL(c.req.url).origin,
  );

const change = async (c: ApiContext, id: string) =>
  c.json({
    channel: shown(c, await changeChannel(c.var.context, id, fromChannelChange(await parseBody(c, changeChannelBody)))),
  });

const verify = async (c: ApiContext, id: string) => {
  const { verified, reason, channel } = await verifyChannel(c.var.context, id, (input, init) => fetch(input, init));
  return c.json({ verified, reason, channel: shown(c, channel) });
};

export const channels = new Hono<AppEnv>()
  .get(BASE, async (c) => {
    const page = parsePage(c, "limit");
    const { rows, total } = await listChannels(c.var.context, page);
    return c.json({ channels: rows.map((row) => shown(c, row)), pagination: toPagination(page, total) });
  })
  .post(BASE, async (c) =>
    c.json(
      { channel: shown(c, await createChannel(c.var.context, fromNewChannel(await parseBody(c, createChannelBody)))) },
      201,
    ),
  )
  .get(`${BASE}/:channelId`, async (c) =>
    c.json({ channel: shown(c, await readChannel(c.var.context, c.req.param("channelId"))) }),
  )
  .put(`${BASE}/:channelId`, (c) => change(c, c.req.param("channelId")))
  .patch(`${BASE}/:channelId`, (c) => change(c, c.req.param("channelId")))
  .delete(`${BASE}/:channelId`, async (c) =>
    c.json({ success: true, channel: shown(c, await deleteChannel(c.var.context, c.req.param("channelId"))) }),
  )
  .post(`${BASE}/:channelId/verify`, (c) => verify(c, c.req.param("channelId")))
  .post(`${BASE}/:channelId/test`, (c) => verify(c, c.req.param("channelId")));
