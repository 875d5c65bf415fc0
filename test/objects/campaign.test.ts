// A campaign's object: everybody once, whatever comes in between.
import { describe, expect, it } from "vitest";
import { call, makeCampaign, makeCampaigner, messagesOf, reaches } from "./campaign-kit.ts";

describe("a campaign", () => {
  it("reaches everybody in its segment once, and counts it from the messages", async () => {
    const who = await makeCampaigner(150);
    const id = await makeCampaign(who);
    const triggered = await call(who, "POST", `/campaigns/${id}/trigger`);
    expect(triggered).toMatchObject({
      status: 200,
      body: { campaign_id: id, estimated_recipients: 150, execution_started: true },
    });
    const campaign = await reaches(who, id, "COMPLETED", 20_000);
    expect(campaign).toMatchObject({ messages_sent: 150, messages_failed: 0, recipients: 150 });
    const messages = await messagesOf(who, id);
    expect(messages.map(({ contactId }) => contactId)).toEqual(who.contacts.map((one) => one.id));
    expect(messages[3]).toMatchObject({ body: "Hi Person 3!", status: "delivered" });
    expect((await call(who, "POST", `/campaigns/${id}/trigger`)).status).toBe(409);
  });
});
