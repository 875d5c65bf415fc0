// Numbers as people give them and as they are found again. A number is kept as it was given (in E.164); that one line may be written in two ways
// is minded only when somebody is looked up (MESSAGING "Contacts").
import { parsePhoneNumberFromString } from "libphonenumber-js/min";

/** `+` and 7 to 15 digits: what may be a number at all, before its country's plan is asked. */
const E164 = /^\+[1-9]\d{6,14}$/;

/** Brazil's mobile numbers had eight digits before 2016, and the ninth, a 9 in front, is still left out by some providers. */
const BRAZIL = /^\+55(\d{2})(9?)([6-9]\d{7})$/;
/** Mexico's mobile numbers had a 1 after the country code until 2019; WhatsApp still has it. */
const MEXICO = /^\+52(1?)(\d{10})$/;
/** Argentina's mobile numbers have a 9 after the country code when they are called from abroad. */
const ARGENTINA = /^\+54(9?)(\d{10})$/;

/** The ways in which the same line is written, the given one first. */
export const phoneVariants = (phone: string): string[] => {
  const brazil = BRAZIL.exec(phone);
  if (brazil) return [phone, `+55${brazil[1]}${brazil[2] ? "" : "9"}${brazil[3]}`];
  const mexico = MEXICO.exec(phone);
  if (mexico) return [phone, `+52${mexico[1] ? "" : "1"}${mexico[2]}`];
  const argentina = ARGENTINA.exec(phone);
  if (argentina) return [phone, `+54${argentina[1] ? "" : "9"}${argentina[2]}`];
  return [phone];
};

/** True for a number in E.164 whose length its country knows, in any of the ways in which it is written. */
export const isPhone = (text: string): boolean => E164.test(text) && phoneVariants(text).some(isPossible);

const isPossible = (text: string): boolean => {
  const phone = parsePhoneNumberFromString(text);
  return phone?.isPossible() === true && phone.number === text;
};
