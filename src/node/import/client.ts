// The flow API as the import calls it: signs in, brings the export, publishes. An answer that is no success becomes one clear text.
import type { ImportReport } from "../../domain/flow-import/report.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { ImportOptions } from "./options.ts";

export type Brought = { id: string; name: string; report: ImportReport };

type Finding = { path: string; message: string; severity: string };
type Answered = JsonObject & { detail?: string; errors?: { field: string; message: string }[]; findings?: Finding[] };

const tell = (call: string, status: number, { detail, errors, findings }: Answered): string => {
  const listed =
    findings?.map(({ path, message }) => `  ${path}: ${message}`) ??
    errors?.slice(1).map(({ field, message }) => `  ${field}: ${message}`) ??
    [];
  return [`${call} answered ${status}${detail ? `: ${detail}` : ""}`, ...listed].join("\n");
};

const request = async (
  origin: string,
  path: string,
  headers: Record<string, string>,
  body: unknown,
): Promise<Answered> => {
  const answer = await fetch(`${origin}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  }).catch((error: Error) => {
    const why = error.cause instanceof Error ? error.cause.message : error.message;
    throw new Error(`Nothing answers at ${origin} (${why}). Start the product in another terminal with \`npm start\`.`);
  });
  const answered = (await answer.json().catch(() => ({}))) as Answered;
  if (!answer.ok) throw new Error(tell(`POST ${path}`, answer.status, answered));
  return answered;
};

/** Throws an Error with a text for a person. */
export const connectTo = async ({ url, token, username, password }: ImportOptions) => {
  const signIn = async () => {
    const session = await request(url, "/api/v1/usr/login/", {}, { username, password });
    const { id } = session.user as { id: string | number };
    return { value: String(session.access_token), userId: String(id) };
  };
  const { value, userId } = token ?? (await signIn());
  const headers = { authorization: `Bearer ${value}`, "x-user-id": userId };
  return {
    bring: async (source: unknown, { name, keywords }: Pick<ImportOptions, "name" | "keywords">): Promise<Brought> => {
      const order = { source, ...(name !== undefined && { name }), ...(keywords.length > 0 && { keywords }) };
      return (await request(url, "/flow/import", headers, order)) as Brought;
    },
    /** What publishing has to say that does not keep the flow from running. */
    publish: async (id: string): Promise<string[]> => {
      const { warnings = [] } = (await request(url, `/flow/status/${id}`, headers, { status: "published" })) as {
        warnings?: Finding[];
      };
      return warnings.map(({ path, message }) => `${path}: ${message}`);
    },
  };
};
