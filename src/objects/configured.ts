// The parsed variables, for shells that cannot do without them.
import { DomainError } from "../domain/errors.ts";
import { type Configuration, configurationOf, type Env } from "../env.ts";

/** Throws `unavailable`; the application and the start say first what is wrong. */
export const configured = (env: Env): Configuration => {
  const configuration = configurationOf(env);
  if (configuration.ok) return configuration.value;
  throw new DomainError("unavailable", "The service is not configured; its log says what is missing");
};
