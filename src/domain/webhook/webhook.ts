// What a webhook is to the verbs and the APIs: its row without its secret.
import type { WebhookRow } from "../../db/queries/webhooks.ts";
import type { SignatureScheme } from "./signature.ts";

export type Webhook = Omit<WebhookRow, "secretSealed" | "signatureScheme"> & { signatureScheme: SignatureScheme };

export const webhookOfRow = ({ secretSealed: _, ...row }: WebhookRow): Webhook => row as Webhook;
