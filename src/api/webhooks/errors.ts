// Callbacks answer errors as the Event Stream API does, whose document describes them.
export { writeError } from "../shared/errors.ts";
