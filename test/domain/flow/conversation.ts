// Plays both sides of a compiled flow on the pure engine: the shell that performs what is asked, and the person. Nothing here knows what should be said.
import { actions } from "../../../src/actions/index.ts";
import { compileFlow } from "../../../src/domain/flow/compile-flow.ts";
import { type Flow, readFlow } from "../../../src/domain/flow/flow.ts";
import { compile } from "../../../src/engine/compile.ts";
import type { Definition, EffectResult, RunEvent } from "../../../src/engine/contract.ts";
import { applyDelta, newState } from "../../../src/engine/state.ts";
import { step } from "../../../src/engine/step.ts";
import { isJsonObject, type JsonObject } from "../../../src/lib/json.ts";
import { nodeTypes } from "../../../src/nodes/index.ts";
import { plain, Run } from "../../engine/kit.ts";

export const flowOf = (sent: JsonObject): Flow => {
  const read = readFlow(sent);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
};

/** What a person sees of a message: its text, what comes with it, and what they can tap. */
const seen = (input: JsonObject): string => {
  const { text, media_urls, interactive } = input;
  const lines = [...(Array.isArray(media_urls) ? media_urls.map((url) => `<${url}>`) : []), ...(text ? [text] : [])];
  if (isJsonObject(interactive)) {
    const { kind, header, footer, button } = interactive;
    const choices = (interactive.buttons ?? interactive.rows) as { title: string }[];
    if (header) lines.unshift(`# ${header}`);
    lines.push(`${kind}${button ? ` (${button})` : ""}: ${choices.map(({ title }) => title).join(" | ")}`);
    if (footer) lines.push(`(${footer})`);
  }
  return lines.join("\n");
};

/** The world that steps of a flow ask: servers and the sandbox. */
export type Outside = (action: string, input: JsonObject) => EffectResult;

const nobody: Outside = (action) => {
  throw new Error(`Nobody performs ${action} here`);
};

const actionOf = (input: JsonObject): string => {
  if (isJsonObject(input.attributes)) return "contact.update";
  if ("url" in input) return "http.request";
  return "code" in input ? "code.run" : "message.send";
};

export class Conversation {
  readonly run: Run;
  readonly definition: Definition;
  readonly transcript: string[] = [];
  /** What the run has changed of the contact. */
  readonly attributes: JsonObject;
  readonly #contact: JsonObject;
  readonly #outside: Outside;
  #performed = 0;
  #said = 0;

  constructor(sent: JsonObject, opening: string, contact: JsonObject = {}, outside: Outside = nobody) {
    this.#outside = outside;
    this.definition = compileFlow(flowOf(sent)).definition;
    const { program, findings } = compile(this.definition, nodeTypes);
    if (!program) throw new Error(JSON.stringify(findings));
    this.attributes = { ...((contact.attributes ?? {}) as JsonObject) };
    this.#contact = { id: "c1", phone: "+14155550100", ...contact };
    this.transcript.push(`> ${opening}`);
    this.run = new Run(program, { event: this.#message({ content: opening }) });
    this.#perform();
  }

  /** The person writes. False when the run does not take it for a reply. */
  say(content: string, more: JsonObject = {}): boolean {
    const { run } = this;
    this.transcript.push(`> ${content}`);
    const token = [...run.state.tokens.values()].find(({ phase, wait }) => phase === "waiting" && wait);
    if (!token) return false;
    const event = this.#message({ content, ...more });
    const taken = !run.feed({ type: "event", at: run.now, key: `${token.node}:${token.visit}`, event }).ignored;
    this.#perform();
    return taken;
  }

  pass(ms: number): void {
    this.run.pass(ms);
    this.#perform();
  }

  get status(): string {
    return this.run.status;
  }

  /** Visits by node id: what a flow counts as transactions. */
  get counts(): Record<string, number> {
    return Object.fromEntries([...this.run.state.nodes].map(([id, { count }]) => [id, count]));
  }

  /** Whether folding the journal gives the state (I5). */
  get folds(): boolean {
    const state = newState();
    for (const input of this.run.journal) applyDelta(state, step(this.run.program, state, input).delta);
    return JSON.stringify(plain(state)) === JSON.stringify(plain(this.run.state));
  }

  #message(data: JsonObject): RunEvent {
    return {
      id: `m${++this.#said}`,
      type: "MESSAGE_RECEIVED",
      source: "twilio",
      data,
      occurredAt: 0,
      contact: { ...this.#contact, attributes: { ...this.attributes } },
      conversationId: "v1",
    };
  }

  /** Performs what is asked, one after the other; a message at a time reaches the person. */
  #perform(): void {
    const { run } = this;
    for (; this.#performed < run.performed.length; this.#performed++) {
      const { key, input } = run.performed[this.#performed]!;
      const action = actionOf(input);
      const fault = actions.get(action)!.schema.safeParse(input).error;
      if (fault) throw new Error(`${action}: ${fault.message}`);
      if (isJsonObject(input.attributes)) {
        Object.assign(this.attributes, input.attributes);
        const contact = { ...this.#contact, attributes: { ...this.attributes } };
        run.result(key, { outcome: "ok", output: { changed: true }, contact });
      } else if (action !== "message.send") run.result(key, this.#outside(action, input));
      else {
        this.transcript.push(seen(input));
        run.ok(key, { message_id: key });
      }
    }
  }
}
