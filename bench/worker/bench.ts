// The product's worker and objects, and beside them in the same runtime the peers that it is measured against. Used by bench/ only.
import worker from "../../src/worker.ts";
import { consumeFloor } from "./floor.ts";
import { gate } from "./gate.ts";
import { type PeerEnv, peers } from "./peers.ts";

export * from "../../src/worker.ts";
export { Bare } from "./bare.ts";
export { FiveSteps, FiveStepsLean, TenSteps } from "./cloudflare-workflows.ts";
export { Floor } from "./floor.ts";

export default {
  fetch: (request, env, context) =>
    request.url.includes("/bench/") ? peers.fetch(request, env, context) : worker.fetch(request as never, env, context),
  queue: async (batch, env) => {
    if (batch.queue === "bench-chain") return peers.consume(batch, env);
    if (batch.queue === "bench-floor") return consumeFloor(batch, env);
    await gate.passed(batch.queue);
    await worker.queue(batch, env);
  },
  scheduled: worker.scheduled,
} satisfies ExportedHandler<PeerEnv>;
