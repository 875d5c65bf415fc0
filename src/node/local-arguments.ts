// What `npm start -- …` was given. Pure: four options are read here because the start needs them, all others are wrangler's.

export type LocalArguments = {
  port: number;
  /** Host that `wrangler dev` listens on. */
  ip: string;
  protocol: string;
  /** Directory of the local state; undefined means wrangler's own default. */
  persistTo: string | undefined;
  /** `--var NAME:VALUE`, the later one wins. */
  vars: Record<string, string>;
  /** Everything else, untouched. */
  rest: string[];
};

const DEFAULT_PORT = 8787;

/** Throws an Error whose message is one line that names the argument. */
export const localArguments = (argv: readonly string[]): LocalArguments => {
  const read: LocalArguments = {
    port: DEFAULT_PORT,
    ip: "localhost",
    protocol: "http",
    persistTo: undefined,
    vars: {},
    rest: [],
  };
  const words = [...argv];
  const value = (name: string, inline: string | undefined): string => {
    const given = inline ?? words.shift();
    if (given === undefined || given === "") throw new Error(`${name}: needs a value`);
    return given;
  };
  const addVar = (pair: string) => {
    const colon = pair.indexOf(":");
    if (colon < 1) throw new Error(`--var ${pair}: is not NAME:VALUE`);
    read.vars[pair.slice(0, colon)] = pair.slice(colon + 1);
  };
  while (words.length > 0) {
    const word = words.shift()!;
    const equals = word.startsWith("--") ? word.indexOf("=") : -1;
    const name = equals < 0 ? word : word.slice(0, equals);
    const inline = equals < 0 ? undefined : word.slice(equals + 1);
    if (name === "--port") {
      const text = value(name, inline);
      read.port = Number(text);
      if (!/^\d{1,5}$/.test(text) || read.port < 1 || read.port > 65_535) {
        throw new Error(`--port ${text}: is not a port from 1 to 65535`);
      }
    } else if (name === "--ip") read.ip = value(name, inline);
    else if (name === "--local-protocol") read.protocol = value(name, inline);
    else if (name === "--persist-to") read.persistTo = value(name, inline);
    else if (name === "--var") {
      addVar(value(name, inline));
      // Like wrangler: `--var A:1 B:2` gives two.
      while (inline === undefined && words[0] !== undefined && !words[0].startsWith("-")) addVar(words.shift()!);
    } else read.rest.push(word);
  }
  return read;
};
