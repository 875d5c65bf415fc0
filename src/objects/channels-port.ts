// The channels of an organisation, and the line in which each sender's messages stand.
import { databaseOf } from "../domain/database.ts";
import { defaultOrganization } from "../domain/identity/default-organization.ts";
import type { Ports } from "../domain/ports.ts";
import type { Env } from "../env.ts";
import { configured } from "./configured.ts";
import { channelsOf } from "./outside.ts";
import { pacerStub } from "./rpc.ts";

export const channelsPort =
  (env: Env): Ports["channels"] =>
  async (organizationId) =>
    channelsOf(configured(env), (await defaultOrganization(databaseOf(env.DB))) === organizationId);

export const pacingPort = (env: Env): Ports["pacing"] => ({
  lease: (sender, perSecond, count, leadMs) => pacerStub(env, sender).lease(perSecond, count, leadMs),
  peek: (sender) => pacerStub(env, sender).peek(),
});
