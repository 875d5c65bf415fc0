// Errors of this API: the standard format of its document, which the callbacks of providers share.
export { writeError } from "../shared/errors.ts";
