// How many SMS a text becomes. GSM 03.38: a text of its alphabet takes 7 bits a character, any other text takes UTF-16. Several segments lose
// room to the header that joins them, and nothing that belongs together is split: no escape pair, no surrogate pair.

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
/** Reached through an escape: two septets each. */
const EXTENDED = new Set("|^{}[]~\\€\f");

/** Twilio's limit for one message, whatever it is split into. */
export const MAX_SMS_CHARACTERS = 1_600;

const ROOM = { "gsm-7": { one: 160, each: 153 }, "ucs-2": { one: 70, each: 67 } } as const;

/** `units` are septets in GSM-7 and UTF-16 units in UCS-2. */
export type SmsSegments = { encoding: "gsm-7" | "ucs-2"; units: number; segments: number };

/** An empty text is one segment, as the carrier bills it. */
export const countSegments = (text: string): SmsSegments => {
  const characters = [...text];
  const encoding = characters.every((character) => BASIC.has(character) || EXTENDED.has(character)) ? "gsm-7" : "ucs-2";
  const widths = characters.map((character) =>
    encoding === "ucs-2" ? character.length : EXTENDED.has(character) ? 2 : 1,
  );
  const units = widths.reduce((sum, width) => sum + width, 0);
  const room = ROOM[encoding];
  if (units <= room.one) return { encoding, units, segments: 1 };
  let segments = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > room.each) {
      segments++;
      used = 0;
    }
    used += width;
  }
  return { encoding, units, segments };
};
