// A body read with its bytes counted while they arrive, so that no sender decides how much memory is used.

/** The whole body, or undefined once it is longer than `maxBytes`; the rest is then cancelled, not read. Rejects when the stream breaks. */
export const readCapped = async (
  source: { body: ReadableStream<Uint8Array> | null; headers: Headers; arrayBuffer?: () => Promise<ArrayBuffer> },
  maxBytes: number,
): Promise<Uint8Array | undefined> => {
  if (!source.body) return new Uint8Array();
  const said = source.headers.get("content-length");
  if (Number(said ?? 0) > maxBytes) {
    await source.body.cancel().catch(() => undefined);
    return undefined;
  }
  // HTTP lets in no more than was declared, so the platform may gather it; what is packed may be larger once it is unpacked.
  if (source.arrayBuffer && said !== null && /^\d+$/.test(said) && !source.headers.has("content-encoding")) {
    const bytes = new Uint8Array(await source.arrayBuffer());
    // Less than was declared is a connection that broke: half an answer must not be taken for a whole one.
    if (bytes.byteLength < Number(said)) throw new Error("the body was cut off");
    return bytes.byteLength > maxBytes ? undefined : bytes;
  }
  const reader = source.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > maxBytes) {
      await reader.cancel().catch(() => undefined);
      return undefined;
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
};
