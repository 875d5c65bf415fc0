// One campaign's run.
import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";
import { Alarm } from "./alarm.ts";
import type { CampaignRpc } from "./rpc.ts";

export class Campaign extends DurableObject<Env> implements CampaignRpc {
  readonly #alarm: Alarm;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#alarm = new Alarm(context);
  }

  async look(_organizationId: string, _campaignId: string): Promise<void> {
    this.#alarm.wakeBy(Date.now());
  }

  override async alarm(): Promise<void> {
    await this.#alarm.handle("campaign", async () => null);
  }
}
