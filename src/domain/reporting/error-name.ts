// What an error is called in reports: the provider's own name for its code where one is known, else the code. Pure.

export type NamedError = { code: string; name: string | null };

/** "Invalid 'To' Phone Number", "Unknown outcome", "30099". */
export const errorText = ({ code, name }: NamedError): string => {
  if (name !== null) return name;
  if (code === "") return "Unknown error";
  // Our own codes are words.
  return /^[A-Z][A-Z_]*$/.test(code) ? `${code[0]}${code.slice(1).toLowerCase().replaceAll("_", " ")}` : code;
};

/** `invalid_to_phone_number`, `unknown_outcome`, `error_30099`. */
export const errorKey = (error: NamedError): string => {
  const words = errorText(error)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  return /^[a-z]/.test(words) ? words : `error_${words}`;
};

/** Providers count their errors; our own have words. */
export const errorCode = (code: string): number | string => (/^\d{1,15}$/.test(code) ? Number(code) : code);
