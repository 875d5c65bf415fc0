// Reads a live stream as its clients do: events one by one, comments and `retry` apart.

export type Read = { name: string; id: string; data: Record<string, unknown> };

export class StreamReader {
  readonly events: Read[] = [];
  readonly comments: string[] = [];
  retry: number | undefined;
  /** How it ended; undefined while it goes on. */
  ended: "closed" | "cut" | undefined;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = "";

  constructor(response: Response) {
    this.#reader = response.body!.getReader();
    void this.#read();
  }

  get lastId(): string | undefined {
    return this.events.at(-1)?.id;
  }

  named(name: string): Record<string, unknown>[] {
    return this.events.filter((event) => event.name === name).map(({ data }) => data);
  }

  async leave(): Promise<void> {
    await this.#reader.cancel();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        this.#text += decoder.decode(value, { stream: true });
        const blocks = this.#text.split("\n\n");
        this.#text = blocks.pop()!;
        for (const block of blocks) this.#take(block);
      }
      this.ended = "closed";
    } catch {
      this.ended = "cut";
    }
  }

  #take(block: string): void {
    const fields = new Map(
      block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
    );
    if (fields.has("")) this.comments.push(fields.get("")!);
    if (fields.has("retry")) this.retry = Number(fields.get("retry"));
    if (fields.has("data"))
      this.events.push({ name: fields.get("event")!, id: fields.get("id")!, data: JSON.parse(fields.get("data")!) });
  }
}
