// trigger_keyword: a message that says one of some keywords. A message starts one keyword's workflow: over all workflows of the organisation one
// wins.
import { z } from "zod";
import { keywordKey, matchKeyword, messageKeys } from "./match-keyword.ts";
import { contentOf } from "./said.ts";
import { defineTrigger, type Subscription } from "./trigger.ts";

const MAX_KEYWORDS = 100;
const MAX_KEYWORD = 100;

/** PERSISTED CONTRACT: match keys of subscriptions. No command begins with a space. */
const keyOf = (part: string): string => ` keyword ${part}`;

const sayingOf = ({ terms }: Subscription): string => String(terms?.keyword ?? "");

/** Of equal keywords the one of the workflow whose id sorts first: ids begin with the time at which they were made. */
const inOrder = (found: readonly Subscription[]): Subscription[] =>
  [...found].sort((a, b) => (a.workflowId < b.workflowId ? -1 : Number(a.workflowId > b.workflowId)));

export const triggerKeyword = defineTrigger({
  type: "trigger_keyword",
  title: "Keyword",
  description:
    "Starts when a message says one of the keywords in any case: the whole message before a whole word of it, and the longest keyword before others. " +
    "One workflow wins a message, over all that have keywords; of the same keyword the workflow that was made first. The output is the event's data " +
    "with `keyword`.",
  schema: z.strictObject({
    keywords: z
      .array(
        z
          .string("A text is needed.")
          .max(MAX_KEYWORD, `A keyword may have at most ${MAX_KEYWORD} characters.`)
          .refine((keyword) => keywordKey(keyword) !== "", "It cannot be empty."),
        { error: ({ input }) => (input === undefined ? "This field is required." : "A list of texts is needed.") },
      )
      .min(1, "At least one keyword is needed.")
      .max(MAX_KEYWORDS, `At most ${MAX_KEYWORDS} keywords.`)
      .meta({ title: "Keywords", examples: [["book", "book a table"]] }),
  }),
  startedBy: "stream",
  subscriptions: ({ keywords }) =>
    [...new Set(keywords)].map((keyword) => ({
      eventType: "MESSAGE_RECEIVED",
      matchKey: keyOf(keywordKey(keyword)),
      filters: null,
      terms: { keyword },
    })),
  keysOf: (event) => (event.type === "MESSAGE_RECEIVED" ? messageKeys(contentOf(event.data)).map(keyOf) : []),
  pick: (event, found) => {
    const winner = matchKeyword(
      contentOf(event.data),
      inOrder(found).map((of) => ({ keyword: sayingOf(of), of })),
    );
    if (!winner) return { picked: [], reason: "The message does not say its keyword" };
    const { workflowId } = winner.of;
    return {
      // Another trigger of the same workflow may have the same keyword.
      picked: found.filter((one) => one.workflowId === workflowId && sayingOf(one) === winner.keyword),
      reason: `The message says '${winner.keyword}' of workflow ${workflowId}`,
    };
  },
  output: ({ keywords }, data) => {
    const said = matchKeyword(
      contentOf(data),
      keywords.map((keyword) => ({ keyword, of: keyword })),
    );
    return said ? { ...data, keyword: said.of } : data;
  },
});
