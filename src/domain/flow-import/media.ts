// A file by its address: which kind of reply sends it.
import type { Reply, ReplyKind } from "./document.ts";

const KINDS: Record<string, [ReplyKind, string]> = {
  jpg: ["Image", "image/jpeg"],
  jpeg: ["Image", "image/jpeg"],
  png: ["Image", "image/png"],
  gif: ["Image", "image/gif"],
  webp: ["Image", "image/webp"],
  mp4: ["Video", "video/mp4"],
  "3gp": ["Video", "video/3gpp"],
  mp3: ["Audio", "audio/mpeg"],
  m4a: ["Audio", "audio/mp4"],
  aac: ["Audio", "audio/aac"],
  amr: ["Audio", "audio/amr"],
  ogg: ["Audio", "audio/ogg"],
  pdf: ["Document", "application/pdf"],
  csv: ["Document", "text/csv"],
  txt: ["Document", "text/plain"],
  doc: ["Document", "application/msword"],
  docx: ["Document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
  xlsx: ["Document", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
};

/** No address is longer. */
const LONGEST = 2_000;

/** The reply that sends the file at `address`; `otherwise` is its kind when the address does not tell. */
export const mediaReply = (address: string, otherwise: ReplyKind, caption = ""): Reply => {
  const file = address.split(/[?#]/, 1)[0]!.split("/").at(-1) ?? "";
  const ending = file.includes(".") ? file.split(".").at(-1)!.toLowerCase() : "";
  const [kind, mimeType] = Object.hasOwn(KINDS, ending) ? KINDS[ending]! : [otherwise, ""];
  return { flowReplyType: kind, data: address, caption: kind === "Audio" ? "" : caption, mimeType };
};

/** Whether `address` is one that a channel can fetch. */
export const isAddress = (address: string): boolean => address.length <= LONGEST && /^https?:\/\/\S+$/i.test(address);

/** What WhatsApp does not show, as far as the address tells; undefined when it does. */
export const hiddenOnWhatsApp = ({ mimeType }: Reply): string | undefined =>
  ["image/gif", "image/webp"].includes(mimeType)
    ? "WhatsApp shows JPEG and PNG images: another kind may be refused"
    : undefined;
