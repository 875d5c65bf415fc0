// The one file of a multipart form, read as it comes: nothing of it is kept here.
import { Readable } from "node:stream";
import { Busboy, type BusboyHeaders } from "@fastify/busboy";
import { DomainError } from "../../../domain/errors.ts";
import type { ApiContext } from "../../shared/api.ts";

export type FilePart = { name: string; type: string; bytes: AsyncIterable<Uint8Array> };

const refused = (field: string, message: string): DomainError =>
  new DomainError("invalid_input", `${field}: ${message}`, { problems: [{ field, message }] });

/**
 * What `take` makes of the file in `field`. Other fields are read and let go; the rest of the form is read in any case, so that its sender sees
 * the answer. Throws `invalid_input` when there is no such form or file.
 */
export const takeFile = async <T>(c: ApiContext, field: string, take: (file: FilePart) => Promise<T>): Promise<T> => {
  const type = c.req.header("content-type") ?? "";
  const { body } = c.req.raw;
  if (!/^multipart\/form-data\s*;/i.test(type) || !body) {
    throw refused(field, "A multipart form (multipart/form-data) with a file is needed.");
  }
  const source = Readable.fromWeb(body as never);
  return new Promise<T>((resolve, reject) => {
    let taken: Promise<T> | undefined;
    let file: Readable | undefined;
    const fail = (error: unknown): void => {
      reject(error);
      // Whoever reads the file must learn that nothing more comes.
      file?.destroy(error instanceof Error ? error : undefined);
      source.unpipe();
      source.resume();
    };
    const form = parserOf(type, fail);
    if (!form) return;
    form.on("file", (name, stream, filename, _encoding, mimeType) => {
      if (name !== field || taken) {
        stream.resume();
        return;
      }
      file = stream;
      taken = take({ name: filename ?? "", type: mimeType, bytes: stream });
      // What is not read any more must not hold up the rest.
      taken.catch(fail);
    });
    form.on("error", () => fail(refused(field, "The form is broken.")));
    form.on("finish", () => {
      if (taken) taken.then(resolve, reject);
      else reject(refused(field, "The form has no such file."));
    });
    source.on("error", () => fail(refused(field, "The form broke off before its end.")));
    source.pipe(form);
  });
};

const parserOf = (type: string, fail: (error: unknown) => void): Busboy | undefined => {
  try {
    return new Busboy({
      headers: { "content-type": type } as BusboyHeaders,
      limits: { files: 10, fields: 100, fieldSize: 100_000, headerPairs: 100 },
    });
  } catch {
    fail(refused("file", "The form has no boundary."));
    return undefined;
  }
};
