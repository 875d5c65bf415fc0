// /api/v1/users: a route an operation. A handler is parse, convert, verb, convert.
import { streamOperations } from "../operations.ts";

const { routes } = streamOperations();

export { routes };
