// Whether what every verb needs is there.
import { answers } from "../../db/queries/health.ts";
import type { Ports } from "../ports.ts";

/** False when the database does not answer. Never throws. */
export const checkHealth = async ({ db }: Pick<Ports, "db">): Promise<boolean> => answers(db).catch(() => false);
