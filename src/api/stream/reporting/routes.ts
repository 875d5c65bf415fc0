// /api/v1/reporting: a route an operation. A handler is parse, convert, verb, convert.
import { streamOperations } from "../operations.ts";

const { routes } = streamOperations();

export { routes };
