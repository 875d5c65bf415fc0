// A Twilio that the test plays, for the campaigns of the deployment's first organisation: what it was asked, and how it answers.
import { vi } from "vitest";
import { db, makeOrganization, type Tenant, testEnv } from "../fixtures/identity.ts";

/** For every object of this file, in whatever life. */
Object.assign(testEnv, {
  TWILIO_ACCOUNT_SID: "AC1",
  TWILIO_AUTH_TOKEN: "12345",
  TWILIO_FROM: "+15551230000",
  TWILIO_WHATSAPP_FROM: "whatsapp:+15551234567",
  TWILIO_API_BASE_URL: "https://twilio.test",
  TWILIO_RATE: "1000",
  TWILIO_WHATSAPP_RATE: "1000",
});

/** The organisation that the variables' channels belong to. */
export const firstOrganization = async (): Promise<Tenant> => {
  const tenant = await makeOrganization();
  await db.prepare("UPDATE organizations SET created_at = 0 WHERE id = ?1").bind(tenant.organizationId).run();
  return tenant;
};

export type Send = { to: string; body: string; at: number };

export type PlayedTwilio = {
  sends: Send[];
  /** How many times its list was asked for. */
  lists: number;
  /** What answers instead; undefined: the usual answer. */
  answer: (send: Send) => Response | undefined | Promise<Response | undefined>;
};

/** Every request to Twilio from here on; restored by `vi.restoreAllMocks`. */
export const playTwilio = (): PlayedTwilio => {
  const played: PlayedTwilio = { sends: [], lists: 0, answer: () => undefined };
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input as RequestInfo, init as RequestInit);
    if (request.method === "GET") {
      played.lists++;
      const to = new URL(request.url).searchParams.get("To");
      const messages = played.sends
        .filter((send) => send.to === to)
        .map((send, n) => ({
          sid: `SM${send.to}-${n}`,
          status: "queued",
          to: send.to,
          body: send.body,
          num_media: "0",
          direction: "outbound-api",
          date_created: new Date(send.at).toUTCString(),
        }));
      return Response.json({ messages, next_page_uri: null });
    }
    const form = new URLSearchParams(new TextDecoder().decode(await request.arrayBuffer()));
    const send = { to: form.get("To")!, body: form.get("Body") ?? "", at: Date.now() };
    const other = await played.answer(send);
    if (other) return other;
    played.sends.push(send);
    return Response.json({ sid: `SM${send.to}`, status: "queued" }, { status: 201 });
  });
  return played;
};
