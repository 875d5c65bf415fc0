// A channel that an organisation has set up: its row, its secrets sealed, and the rules for what may be saved.
import { type ChannelSetup, mailServerOf, PROVIDER_FIELDS, type Provider } from "../../channels/index.ts";
import type { ChannelRow } from "../../db/queries/channels.ts";
import { DomainError, type FieldProblem } from "../errors.ts";
import type { Egress, Secrets } from "../ports.ts";

export type { ChannelRow };

/** Of one organisation: all of them are opened for each message. */
export const MAX_CHANNELS = 50;

/** Without the secrets: nothing that is shown has them. */
export type ChannelView = Omit<ChannelRow, "organizationId" | "credentialsSealed" | "inboundKey"> & {
  /** Names of the credentials that are kept. */
  credentials: string[];
};

/** PERSISTED CONTRACT: what a channel's credentials are sealed under (Secrets). */
export const credentialsField = (channelId: string): string => `channels.credentials:${channelId}`;

export const viewOf = ({
  organizationId: _,
  credentialsSealed: __,
  inboundKey: ___,
  ...row
}: ChannelRow): ChannelView => ({
  ...row,
  credentials: Object.keys(PROVIDER_FIELDS[row.provider].credentials),
});

/** Its setup with the secrets opened. Throws SealError. */
export const setupOf = async (secrets: Secrets, row: ChannelRow): Promise<ChannelSetup> => ({
  kind: row.kind,
  sender: row.sender,
  settings: row.settings as Record<string, string>,
  credentials: JSON.parse(
    await secrets.decrypt(row.organizationId, credentialsField(row.id), row.credentialsSealed),
  ) as Record<string, string>,
});

/** Ports on which mail is handed over: RFC 5321, 6409, 8314, and what hosts offer where those are closed. */
const MAIL_PORTS = new Set([25, 465, 587, 2525]);

/** Why a setup may not lead where it does; judged when it is saved and again when it is used (SECURITY "Egress"). */
export const egressProblem = (provider: Provider, setup: ChannelSetup, egress: Egress): FieldProblem | undefined => {
  for (const name of PROVIDER_FIELDS[provider].urls) {
    const url = setup.settings[name];
    const refusal = url ? egress.refusalOf(url) : undefined;
    if (refusal !== undefined) return { field: `settings.${name}`, message: refusal };
  }
  const server = mailServerOf(provider, setup);
  if (!server) return undefined;
  const host = server.host.includes(":") ? `[${server.host}]` : server.host;
  const named = egress.refusalOf(`https://${host}:${server.port}/`);
  if (named === undefined) return undefined;
  const refusal = MAIL_PORTS.has(server.port) ? egress.refusalOf(`https://${host}/`) : named;
  return refusal === undefined ? undefined : { field: "credentials.url", message: refusal };
};

const MAX_FIELD = 2_000;

/** Throws `invalid_input` with every field that is missing, unknown or wrong. */
export const checkSetup = (provider: Provider, setup: ChannelSetup, egress: Egress): void => {
  const definition = PROVIDER_FIELDS[provider];
  const problems: FieldProblem[] = [];
  if (!definition.kinds.includes(setup.kind))
    problems.push({ field: "kind", message: `Must be ${definition.kinds.join(" or ")} for ${provider}.` });
  for (const part of ["settings", "credentials"] as const) {
    for (const [name, isNeeded] of Object.entries(definition[part]))
      if (isNeeded && !setup[part][name])
        problems.push({ field: `${part}.${name}`, message: "This field is required." });
    for (const [name, value] of Object.entries(setup[part])) {
      if (!Object.hasOwn(definition[part], name)) problems.push({ field: `${part}.${name}`, message: "Is not known." });
      else if (value.length > MAX_FIELD) problems.push({ field: `${part}.${name}`, message: "Is too long." });
    }
  }
  const wrong = definition.problem?.(setup);
  if (wrong) problems.push({ field: wrong.path, message: wrong.message });
  const refused = egressProblem(provider, setup, egress);
  if (refused) problems.push(refused);
  const [first] = problems;
  if (first) throw new DomainError("invalid_input", `${first.field}: ${first.message}`, { problems });
};
