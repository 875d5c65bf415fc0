// The words by which a line tells its room, as far as a machine can read them. Imports are in rooms.ts.
import { matchesGlob } from "node:path";
import { type Source, type Syntax, textOf, walk } from "./source.ts";

type Rule = {
  /** What the rule is about, as it reads in a complaint. */
  about: string;
  /** Globs from src/ where the rule holds; everywhere when absent. */
  within?: string[];
  /** Globs from src/ where the words are at home. */
  home: string[];
  /** The word as it should be complained of, when `syntax` holds it. */
  find: (syntax: Syntax, parent: Syntax | undefined) => string | false | undefined;
};

/** Where the clock and chance come from; everybody else is given them. */
const SHELLS = ["objects/**", "queue/**", "api/**", "app.ts", "worker.ts", "lib/**", "node/**"];
const PURE = ["engine/**", "nodes/**", "triggers/**"];
const PROVIDER_FIELDS = new Set([
  ...[
    "AccountSid",
    "ContentSid",
    "MessageSid",
    "MessagingServiceSid",
    "SmsSid",
    "SmsStatus",
    "MessageStatus",
    "OptOutType",
  ],
  ...["WaId", "NumMedia", "ButtonPayload", "wamid", "phone_number_id", "messaging_product"],
]);
const WIRE_FIELDS = new Set([
  ...[
    "per_page",
    "page_size",
    "total_pages",
    "has_next",
    "has_prev",
    "sort_by",
    "sort_order",
    "access_token",
    "expires_in",
  ],
  ...["from_node_id", "to_node_id", "from_port_name", "to_port_name", "execution_path"],
]);
const ERROR_STATUSES = new Set([
  ...[400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 412, 413, 415, 422, 423, 425, 428, 429],
  ...[500, 501, 502, 503, 504],
]);
const VARIABLES = new Set(textOf(".dev.vars.example").match(/^[A-Z_]+(?==)/gm));

/** `a.b.c` for a chain of plain members, else "". */
const nameOf = (syntax: unknown): string => {
  const { type, name, object, property, computed } = syntax as Syntax;
  if (type === "Identifier") return name as string;
  if (type === "ThisExpression") return "this";
  if (type !== "MemberExpression" || computed) return "";
  const before = nameOf(object);
  return before && `${before}.${(property as Syntax).name}`;
};

/** The name or text that `syntax` brings along: an identifier, a private name or a text without holes. */
const wordOf = ({ type, name, value }: Syntax): string | undefined => {
  if (type === "Identifier" || type === "PrivateIdentifier") return name as string;
  return type === "Literal" && typeof value === "string" ? value : undefined;
};

/** True for a name that refers to something outside: no field of an object, no key. */
const refers = (syntax: Syntax, parent: Syntax | undefined): boolean =>
  !(parent?.type === "MemberExpression" && parent.property === syntax && !parent.computed) &&
  !(parent?.type === "Property" && parent.key === syntax && !parent.shorthand) &&
  !parent?.type.startsWith("TS");

const oneOf =
  (words: ReadonlySet<string>) =>
  (syntax: Syntax): string | undefined => {
    const word = wordOf(syntax);
    return word !== undefined && words.has(word) ? word : undefined;
  };

const globalCall =
  (...names: string[]) =>
  (syntax: Syntax, parent: Syntax | undefined): string | undefined => {
    const name = nameOf(syntax);
    const isWhole = syntax.type === "MemberExpression" || (syntax.type === "Identifier" && refers(syntax, parent));
    return isWhole ? names.find((each) => name === each || name === `globalThis.${each}`) : undefined;
  };

const clock = globalCall("Date.now", "performance.now", "performance.timeOrigin");
const randomness = globalCall(
  "Math.random",
  "crypto.getRandomValues",
  "crypto.randomUUID",
  "randomBytes",
  "randomUUID",
);
const world = globalCall("fetch", "setTimeout", "setInterval", "queueMicrotask", "WebSocket", "caches");

const isBareDate = ({ type, callee, arguments: given }: Syntax): boolean =>
  type === "NewExpression" && nameOf(callee) === "Date" && (given as unknown[]).length === 0;

const isErrorStatus = (syntax: unknown): boolean => {
  const { type, value, consequent, alternate } = syntax as Syntax;
  if (type === "ConditionalExpression") return isErrorStatus(consequent) || isErrorStatus(alternate);
  return type === "Literal" && ERROR_STATUSES.has(value as number);
};

/** `status: 404` in an object, or 404 as the second argument of something that answers (`c.json(body, 404)`). */
const errorStatus = (syntax: Syntax): string | false => {
  if (syntax.type === "Property")
    return nameOf(syntax.key) === "status" && isErrorStatus(syntax.value) && "an error's status";
  if (syntax.type !== "CallExpression") return false;
  const [, status] = syntax.arguments as Syntax[];
  return (
    /\.(json|text|body|html|newResponse)$/.test(nameOf(syntax.callee)) &&
    !!status &&
    isErrorStatus(status) &&
    "an error's status"
  );
};

const RULES: Rule[] = [
  { about: "a provider's field", home: ["channels/**"], find: oneOf(PROVIDER_FIELDS) },
  { about: "a wire field", home: ["api/**", "node/**"], find: oneOf(WIRE_FIELDS) },
  { about: "a variable of the operator", home: ["env.ts", "node/**"], find: oneOf(VARIABLES) },
  {
    about: "the process",
    home: ["node/**", "sandbox/meter/**"],
    find: globalCall("process.env", "process.argv", "process.exit"),
  },
  {
    about: "the answer's status",
    within: ["api/**", "app.ts", "domain/**", "objects/**", "queue/**"],
    home: ["api/**/errors.ts"],
    find: errorStatus,
  },
  {
    about: "the answer's gRPC status",
    home: ["api/**/errors.ts", "node/**"],
    find: (syntax) => syntax.type === "MemberExpression" && /^Code\.[A-Z]/.test(nameOf(syntax)) && nameOf(syntax),
  },
  {
    about: "SQL",
    home: ["db/**", "node/**"],
    find: (syntax) => syntax.type === "CallExpression" && /\.prepare$/.test(nameOf(syntax.callee)) && "prepare",
  },
  {
    about: "an object's own storage",
    home: ["objects/**"],
    find: (syntax) => syntax.type === "MemberExpression" && /\bsql\.exec$/.test(nameOf(syntax)) && "sql.exec",
  },
  {
    about: "the clock",
    home: SHELLS,
    find: (syntax, parent) => clock(syntax, parent) ?? (isBareDate(syntax) && "new Date()"),
  },
  {
    about: "randomness",
    home: SHELLS,
    find: randomness,
  },
  {
    about: "the world outside",
    within: [...PURE, "domain/**", "db/**", "sandbox/**"],
    home: [],
    find: world,
  },
  {
    about: "waiting",
    within: PURE,
    home: [],
    find: ({ type, async, name }) =>
      (async === true && "async") ||
      (type === "AwaitExpression" && "await") ||
      (type === "Identifier" && name === "Promise" && "Promise"),
  },
];

const isIn = (path: string, globs: readonly string[]): boolean => globs.some((glob) => matchesGlob(path, glob));

/** What `source` says that is not its room's to say: one line for each word. */
export const judgeWords = (source: Source): string[] => {
  const path = source.path.replace(/^src\//, "");
  const rules = RULES.filter(({ within, home }) => (!within || isIn(path, within)) && !isIn(path, home));
  const found = new Set<string>();
  walk(source.syntax, (syntax, parent) => {
    for (const { about, home, find } of rules) {
      const word = find(syntax, parent);
      if (!word) continue;
      const line = source.text.slice(0, syntax.start).split("\n").length;
      found.add(
        `${source.path}:${line}: ${word} is ${about}; its place is ${home === SHELLS ? "a shell" : home.join(", ") || "outside"}`,
      );
    }
  });
  return [...found];
};
