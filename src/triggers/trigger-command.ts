// trigger_command: a message that starts with a command, such as `!test` in WhatsApp.
import { z } from "zod";
import { argsOf, commandKeys, MAX_COMMAND_LENGTH, normalizeCommand } from "./command.ts";
import { contentOf } from "./said.ts";
import { defineTrigger } from "./trigger.ts";

export const triggerCommand = defineTrigger({
  type: "trigger_command",
  title: "Command",
  description:
    "Starts when a message begins with the command as a whole word, in any case. The output is the event's data with `command` and " +
    "`args`, the text behind it.",
  schema: z.strictObject({
    command_name: z
      .string({ error: ({ input }) => (input === undefined ? "This field is required." : "A text is needed.") })
      .max(MAX_COMMAND_LENGTH, `A command may have at most ${MAX_COMMAND_LENGTH} characters.`)
      .refine((command) => command.trim() !== "", "It cannot be empty.")
      .meta({ title: "Command", examples: ["!test"] }),
  }),
  startedBy: "stream",
  subscriptions: ({ command_name }) => [
    { eventType: "MESSAGE_RECEIVED", matchKey: normalizeCommand(command_name), filters: null },
  ],
  keysOf: (event) => (event.type === "MESSAGE_RECEIVED" ? commandKeys(contentOf(event.data)) : []),
  output: ({ command_name }, data) => {
    const args = argsOf(contentOf(data), command_name);
    return args === undefined ? data : { ...data, command: normalizeCommand(command_name), args };
  },
});
