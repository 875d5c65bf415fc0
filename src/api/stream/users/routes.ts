// /api/v1/users: a route an operation. A handler is parse, convert, verb, convert. Bulk uploads have their own file.
import { createContact } from "../../../domain/contact/create-contact.ts";
import { deleteContact } from "../../../domain/contact/delete-contact.ts";
import { listContacts, readConsentHistory, readContact } from "../../../domain/contact/read-contact.ts";
import { updateContact } from "../../../domain/contact/update-contact.ts";
import { DomainError } from "../../../domain/errors.ts";
import type { ApiContext } from "../../shared/api.ts";
import { parsePage } from "../../shared/page.ts";
import { toPaging } from "../convert.ts";
import { ALWAYS, streamOperations } from "../operations.ts";
import { fromUser, fromUserChange, toUser, toUserDetails, toWireError } from "./convert.ts";
import * as schema from "./schema.ts";
import { routes as uploads } from "./upload.ts";

const USERS = "/api/v1/users";
const USER = `${USERS}/{phone_e164}` as const;
const tag = "Users";

const { routes, operation } = streamOperations();

routes.route("/", uploads);

export { routes };

/** What `work` throws, in this API's names. */
const named = async <T>(phone: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw toWireError(error, phone);
  }
};

/** The number in the path. Throws `invalid_input` for what is none, whoever might have it. */
const phoneOf = ({ phone_e164: text = "" }: Record<string, string>): string => {
  if (/^\+[1-9]\d{5,14}$/.test(text)) return text;
  const problem = {
    field: "phone_e164",
    message: "Phone number must be in E.164 format",
    expected: "E.164 format (+1234567890)",
    ...(text.length <= 64 && text.isWellFormed() ? { provided: text } : {}),
  };
  throw new DomainError("invalid_input", `phone_e164: ${problem.message}`, { problems: [problem] });
};

const find = (c: ApiContext, phone: string) => readContact(c.var.context, { kind: "phone", value: phone });

operation(
  {
    method: "get",
    path: USERS,
    summary: "List users",
    tag,
    query: schema.listQuery,
    answers: { 200: schema.userList },
    errors: [400, ...ALWAYS],
  },
  async (c, { query }) => {
    const page = parsePage(c, "per_page");
    // A user of the document has a number.
    const filter = { withNumber: true, ...(query.consent_state && { consentState: query.consent_state }) };
    const { rows, total } = await listContacts(c.var.context, filter, page);
    return c.json({ users: rows.map(toUser), ...toPaging(page, total) });
  },
);

operation(
  {
    method: "post",
    path: USERS,
    summary: "Create a user",
    tag,
    body: schema.createUserBody,
    answers: { 201: schema.writtenUser },
    errors: [400, ...ALWAYS, 409],
  },
  (c, { body }) =>
    named(body.phone_e164, async () => {
      const contact = await createContact(c.var.context, fromUser(body));
      return c.json({ ...toUser(contact), message: "User created successfully" }, 201);
    }),
);

operation(
  {
    method: "get",
    path: USER,
    summary: "Get a user",
    tag,
    answers: { 200: schema.userDetails },
    errors: [400, ...ALWAYS, 404],
  },
  (c, { params }) => {
    const phone = phoneOf(params);
    return named(phone, async () => {
      const contact = await find(c, phone);
      return c.json(toUserDetails(contact, await readConsentHistory(c.var.context, contact.id)));
    });
  },
);

operation(
  {
    method: "put",
    path: USER,
    summary: "Change a user",
    tag,
    body: schema.updateUserBody,
    answers: { 200: schema.writtenUser },
    errors: [400, ...ALWAYS, 404, 409],
  },
  (c, { body, params }) => {
    const phone = phoneOf(params);
    return named(phone, async () => {
      const contact = await find(c, phone);
      refuseOther(body.phone_e164, [phone, contact.phone]);
      const changed = await updateContact(c.var.context, contact.id, fromUserChange(body));
      return c.json({ ...toUser(changed), message: "User updated successfully" });
    });
  },
);

/** A user keeps their number: another one is another user. */
const refuseOther = (given: string | undefined, own: readonly (string | null)[]): void => {
  if (given === undefined || own.includes(given)) return;
  const problem = { field: "phone", message: "The phone number of a user does not change.", provided: given };
  throw new DomainError("impossible", `phone: ${problem.message}`, { problems: [problem] });
};

operation(
  {
    method: "delete",
    path: USER,
    summary: "Delete a user",
    tag,
    answers: { 200: schema.deletedUser },
    errors: [400, ...ALWAYS, 404],
  },
  (c, { params }) => {
    const phone = phoneOf(params);
    return named(phone, async () => {
      const contact = await deleteContact(c.var.context, (await find(c, phone)).id);
      return c.json({ message: "User deleted successfully", phone_e164: contact.phone ?? phone });
    });
  },
);
