// The channels of an organisation, and the line in which each sender's messages stand.
import { openChannels } from "../domain/channel/open-channels.ts";
import { databaseOf } from "../domain/database.ts";
import { defaultOrganization } from "../domain/identity/default-organization.ts";
import { sealSecrets } from "../domain/identity/seal-secrets.ts";
import type { Ports } from "../domain/ports.ts";
import type { Env } from "../env.ts";
import { configured } from "./configured.ts";
import { channelsOf, egressPort } from "./outside.ts";
import { pacerStub } from "./rpc.ts";

/** `mayBeOld`: by some seconds. */
export const channelsPort = (env: Env, mayBeOld = false): Ports["channels"] => {
  const configuration = configured(env);
  const { publicUrl = "", encryptionKeys } = configuration;
  const db = databaseOf(env.DB);
  const world = { db, secrets: sealSecrets(encryptionKeys), egress: egressPort(configuration) };
  return async (organizationId) => {
    const [first, own] = await Promise.all([
      defaultOrganization(db),
      openChannels(world, organizationId, publicUrl, { isAnew: !mayBeOld, now: Date.now() }),
    ]);
    return channelsOf(configuration, first === organizationId, own);
  };
};

export const pacingPort = (env: Env): Ports["pacing"] => ({
  lease: (sender, perSecond, count, leadMs) => pacerStub(env, sender).lease(perSecond, count, leadMs),
  leaseOne: (sender, perSecond, leadMs) => pacerStub(env, sender).leaseOne(perSecond, leadMs),
  peek: (sender) => pacerStub(env, sender).peek(),
});
