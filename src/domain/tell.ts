// What objects are told of a change once its batch is through. The rows are the truth; an object that was not told would act on what was.
import { DomainError } from "./errors.ts";

/** Throws `unavailable` when they could not be told: the change stands, and the same request again tells them. */
export const tell = async (telling: () => Promise<void>): Promise<void> => {
  try {
    await telling();
  } catch (error) {
    console.error(JSON.stringify({ at: "domain.tell", message: String(error) }));
    throw new DomainError(
      "unavailable",
      "The change is stored but has not taken effect everywhere yet; repeat the request",
      {
        retryAfterSeconds: 1,
      },
    );
  }
};
