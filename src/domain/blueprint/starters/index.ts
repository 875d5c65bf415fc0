// The blueprints that come with the product, by id: a line each.
import type { Blueprint } from "../blueprint.ts";
import { abandonedCart } from "./abandoned-cart.ts";
import { appointmentReminder } from "./appointment-reminder.ts";
import { doubleOptIn } from "./double-opt-in.ts";
import { incidentAlert } from "./incident-alert.ts";
import { leadRouting } from "./lead-routing.ts";
import { npsSurvey } from "./nps-survey.ts";
import { orderStatus } from "./order-status.ts";
import { webhookRelay } from "./webhook-relay.ts";
import { welcome } from "./welcome.ts";
import { winBack } from "./win-back.ts";

export const starters: ReadonlyMap<string, Blueprint> = new Map(
  [
    welcome,
    doubleOptIn,
    abandonedCart,
    orderStatus,
    appointmentReminder,
    npsSurvey,
    leadRouting,
    winBack,
    incidentAlert,
    webhookRelay,
  ].map((blueprint) => [blueprint.id, blueprint]),
);
