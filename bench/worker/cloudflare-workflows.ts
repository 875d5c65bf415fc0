// The measured workflows as somebody would write them for Cloudflare Workflows. Ends are counted in memory: asking 200 instances for their
// status would cost more than what is measured.
import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from "cloudflare:workers";
import { post } from "./bare.ts";

export type Order = { target: string; n: number; name: string; amount: number };

export const ended = { FIVE: 0, FIVE_LEAN: 0, TEN: 0 };

/** Trigger, transform, condition, POST, end: each node a step, as ours records each. */
export class FiveSteps extends WorkflowEntrypoint {
  override async run(event: WorkflowEvent<Order>, step: WorkflowStep): Promise<void> {
    const order = await step.do("trigger", async () => event.payload);
    const made = await step.do("transform", async () => ({ greeting: `Hello ${order.name}`, amount: order.amount }));
    const large = await step.do("condition", async () => made.amount > 10);
    const answer = large ? await step.do("post", () => post(order.target, { ...made, n: order.n })) : null;
    await step.do("end", async () => ({ status: answer?.status ?? 0 }));
    ended.FIVE++;
  }
}

/** The same with the least that is durable: only the POST is a step. */
export class FiveStepsLean extends WorkflowEntrypoint {
  override async run(event: WorkflowEvent<Order>, step: WorkflowStep): Promise<{ status: number }> {
    const order = event.payload;
    const made = { greeting: `Hello ${order.name}`, amount: order.amount };
    const answer = made.amount > 10 ? await step.do("post", () => post(order.target, { ...made, n: order.n })) : null;
    ended.FIVE_LEAN++;
    return { status: answer?.status ?? 0 };
  }
}

export class TenSteps extends WorkflowEntrypoint {
  override async run(event: WorkflowEvent<Order>, step: WorkflowStep): Promise<{ total: number }> {
    let total = event.payload.amount;
    for (let n = 0; n < 10; n++) total = await step.do(`step ${n}`, async () => total + 1);
    ended.TEN++;
    return { total };
  }
}
