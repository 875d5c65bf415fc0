// The channels of an organisation, for a campaign.
import { databaseOf } from "../../domain/database.ts";
import { defaultOrganization } from "../../domain/identity/default-organization.ts";
import type { OrganizationChannels } from "../../domain/message/channels.ts";
import type { Env } from "../../env.ts";
import { configured } from "../configured.ts";
import { channelsOf } from "../outside.ts";

export const channelsPort =
  (env: Env) =>
  async (organizationId: string): Promise<OrganizationChannels> =>
    channelsOf(configured(env), (await defaultOrganization(databaseOf(env.DB))) === organizationId);
