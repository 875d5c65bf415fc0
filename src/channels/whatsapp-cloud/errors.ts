// Meta's error codes: its own name for each, and what it means for the next step. Names and meanings: Meta, WhatsApp Business Platform, "Error codes"
// (developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes, updated 2026-05-15), whose possible solutions are the
// classes: "try again later" is retry, what is to be put right in the account or the app is configuration, in the message content.
import type { ErrorClass, ProviderError } from "../channel.ts";

const TABLE: Readonly<Record<number, readonly [ErrorClass, string]>> = {
  0: ["configuration", "AuthException"],
  // "Invalid request or possible server error": one more try tells.
  1: ["unknown", "API Unknown"],
  2: ["retry", "API Service"],
  3: ["configuration", "API Method"],
  4: ["retry", "API Too Many Calls"],
  10: ["configuration", "Permission Denied"],
  33: ["configuration", "Parameter value is not valid"],
  100: ["content", "Invalid parameter"],
  190: ["configuration", "Access token has expired"],
  368: ["configuration", "Temporarily blocked for policies violations"],
  80007: ["retry", "Rate limit issues"],
  130429: ["retry", "Rate limit hit"],
  130497: ["configuration", "Business account is restricted from messaging users in this country"],
  130472: ["permanent", "User's number is part of an experiment"],
  131000: ["retry", "Something went wrong"],
  131005: ["configuration", "Access denied"],
  131008: ["content", "Required parameter is missing"],
  131009: ["content", "Parameter value is not valid"],
  131016: ["retry", "Service unavailable"],
  131021: ["permanent", "Recipient cannot be sender"],
  131026: ["permanent", "Message undeliverable"],
  131030: ["configuration", "Recipient phone number not in allowed list"],
  131031: ["configuration", "Account has been locked"],
  131037: ["configuration", "WhatsApp provided number needs display name approval before message can be sent"],
  131042: ["configuration", "Business eligibility payment issue"],
  131045: ["configuration", "Incorrect certificate"],
  131047: ["window", "Re-engagement message"],
  // The number's quality, not its pace: more of the same makes it worse.
  131048: ["configuration", "Spam rate limit hit"],
  131049: ["content", "Meta chose not to deliver"],
  131050: ["consent", "User has stopped receiving marketing messages"],
  131051: ["content", "Unsupported message type"],
  131052: ["content", "Media download error"],
  131053: ["content", "Media upload error"],
  131056: ["retry", "(Business Account, Consumer Account) pair rate limit hit"],
  131057: ["retry", "Account in maintenance mode"],
  131062: ["content", "Business-scoped User ID (BSUID) recipients are not supported for this message"],
  132000: ["content", "Template param count mismatch"],
  132001: ["configuration", "Template does not exist"],
  132005: ["content", "Template hydrated text too long"],
  132007: ["content", "Template format character policy violated"],
  132012: ["content", "Template parameter format mismatch"],
  132015: ["configuration", "Template is paused"],
  132016: ["configuration", "Template is disabled"],
  132068: ["configuration", "Flow is blocked"],
  132069: ["retry", "Flow is throttled"],
  133004: ["retry", "Server temporarily unavailable"],
  133010: ["configuration", "Phone number not registered"],
  135000: ["content", "Generic user error"],
};

/** 200 to 299 are permissions that the token lacks. */
const classOf = (code: number): ErrorClass =>
  TABLE[code]?.[0] ?? (code >= 200 && code < 300 ? "configuration" : "unknown");

/** What an answer or a status means by `code`. `said` is what it told this time. */
export const metaError = (code: number, said = ""): ProviderError => {
  const name = TABLE[code]?.[1] ?? `WhatsApp error ${code}`;
  return { class: classOf(code), code, name, message: said || name };
};
