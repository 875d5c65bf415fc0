// Which replies a run waits for, and what became of one: what the owner of a contact's next reply has to know of a run. Pure.
import type { Program, ProgramNode } from "../../engine/program.ts";
import type { RunState, Token } from "../../engine/state.ts";
import { visitOfKey } from "../../engine/stepping.ts";
import type { JsonObject } from "../../lib/json.ts";

/** Waits for what the contact says, and messages to be answered that leave or may have left; the newest first. */
export const awaitedReplies = (program: Program, { tokens }: RunState): Token[] =>
  [...tokens.values()]
    .filter((token) => isWaiting(token) || isLeaving(program, token))
    .sort((a, b) => b.visit - a.visit);

const isWaiting = ({ phase, wait }: Token): boolean => phase === "waiting" && wait?.eventType === "MESSAGE_RECEIVED";

const isLeaving = (program: Program, { phase, perform, node }: Token): boolean =>
  (phase === "performing" || (phase === "retrying" && perform?.mode === "reconcile")) &&
  perform !== undefined &&
  replyWithin(program, node, perform.input) !== undefined;

/**
 * How long, in ms, what the contact says is the run's from when the node's message leaves; undefined when nothing that is said then is. Behind a
 * message that is no question the wait itself says how long: here it is 0.
 */
export const replyWithin = (program: Program, nodeId: string, input: JsonObject): number | undefined => {
  const within = input.reply_within_ms;
  if (typeof within === "number") return within;
  const node = program.nodes.get(nodeId);
  return node && MESSAGES.has(node.type.type) && input.to === undefined && leadsToWait(program, node) ? 0 : undefined;
};

const MESSAGES: ReadonlySet<string> = new Set(["action_chat_message", "action_send_media"]);

const leading = new WeakMap<ProgramNode, boolean>();

/**
 * Whether a run may come from the node to a wait for a reply before it does anything else: people answer a message while its provider has not yet
 * said that it took it.
 */
const leadsToWait = (program: Program, from: ProgramNode): boolean => {
  const known = leading.get(from);
  if (known !== undefined) return known;
  const seen = new Set<string>();
  const open = [from];
  let leads = false;
  for (let node = open.pop(); node && !leads; node = open.pop()) {
    for (const id of [...node.targets.values()].flat()) {
      const next = program.nodes.get(id);
      if (!next || seen.has(id)) continue;
      seen.add(id);
      if (waitsSilently(next)) leads = true;
      else if (next.type.kind !== "action") open.push(next);
    }
  }
  leading.set(from, leads);
  return leads;
};

const waitsSilently = ({ type, config }: ProgramNode): boolean =>
  type.type === "action_question"
    ? config.message === undefined && config.media_url === undefined
    : type.type === "action_wait_for_event" && config.event_type === "MESSAGE_RECEIVED";

/**
 * answered: the message was the reply. refused: a bad answer, and the question stands. given_up: a bad answer, the last one that the question
 * takes: the message may mean something else. ignored: it was none of this run's.
 */
export type ReplyOutcome = "answered" | "refused" | "given_up" | "ignored";

/** What the run made of a message that was fed to it at `key`; `ignored` is that of the step. */
export const replyOutcome = (state: RunState, key: string, ignored: boolean): ReplyOutcome => {
  if (ignored) return "ignored";
  const port = state.visits.get(visitOfKey(key))?.port;
  return port === "invalid" ? "refused" : port === "failed" ? "given_up" : "answered";
};
