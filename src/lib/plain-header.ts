// Which headers of a request anybody may read, by their names: what it is and takes, not whose it is.

const PLAIN: ReadonlySet<string> = new Set([
  ...["accept", "accept-charset", "accept-encoding", "accept-language", "cache-control"],
  ...["content-language", "content-type", "prefer", "user-agent", "x-requested-with"],
]);

export const isPlainHeader = (name: string): boolean => PLAIN.has(name.toLowerCase());
