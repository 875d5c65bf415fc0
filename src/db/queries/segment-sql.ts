// Sets of contacts as SQL: a tree of tests becomes a WHERE clause. What a fact means is domain/segment/facts.ts; what is asked, plan-segment.ts.

/** About the text or fact of one value. `is` lists what it may be; `part`, `head`, `tail` are of its text. */
export type TextTest = { any: true } | { is: string[] } | { part: string } | { head: string } | { tail: string };
export type RangeTest = { from?: string; above?: string; below?: string; upTo?: string };
export type FactTest = TextTest | RangeTest;
/** Epoch ms. */
export type TimeTest = { from?: number; above?: number; below?: number; upTo?: number };

export type SegmentQuery =
  | { all: SegmentQuery[] }
  | { any: SegmentQuery[] }
  | { not: SegmentQuery }
  | { attribute: string; test: FactTest }
  | { tag: TextTest }
  | { phone: TextTest }
  | { consent: TextTest }
  | { createdAt: TextTest | TimeTest };

/** A WHERE clause over `contacts c`. `?1` is the organisation, `?2` the JSON list of all values, so that no tree has too many parameters. */
export type SegmentSql = { where: string; values: string };

/** Texts and booleans have their text behind one letter; both take part in what is asked of texts. */
const FACT_IS_TEXT = "(fact >= 's' AND fact < 't' OR fact >= 'b' AND fact < 'c')";
const CREATED_AT =
  "(strftime('%Y-%m-%dT%H:%M:%S', c.created_at / 1000, 'unixepoch') || printf('.%03dZ', c.created_at % 1000))";
const COMPARISONS = { from: ">=", above: ">", below: "<", upTo: "<=" } as const;

const isOfText = (test: object): test is { part: string } | { head: string } | { tail: string } =>
  "part" in test || "head" in test || "tail" in test;

/** In halves: a chain of many is one level each to SQLite, and D1 takes 100. */
const joined = (parts: readonly string[], word: "AND" | "OR"): string => {
  if (parts.length === 1) return parts[0]!;
  const half = parts.length >> 1;
  return `(${joined(parts.slice(0, half), word)} ${word} ${joined(parts.slice(half), word)})`;
};

export const segmentSql = (query: SegmentQuery): SegmentSql => {
  const values: (string | number | string[])[] = [];
  const bind = (value: string | number | string[]): string => `json_extract(?2, '$[${values.push(value) - 1}]')`;
  const among = (expression: string, all: string[]): string => {
    if (all.length === 0) return "0";
    if (all.length === 1) return `${expression} = ${bind(all[0]!)}`;
    return `${expression} IN (SELECT value FROM json_each(${bind(all)}))`;
  };
  const between = (expression: string, test: RangeTest | TimeTest): string =>
    (["from", "above", "below", "upTo"] as const)
      .flatMap((side) => (test[side] === undefined ? [] : [`${expression} ${COMPARISONS[side]} ${bind(test[side])}`]))
      .join(" AND ");

  /** `text` is an expression that is never null where this is asked. */
  const ofText = (text: string, test: TextTest): string => {
    if ("any" in test) return "1";
    if ("is" in test) return among(text, test.is);
    if ("part" in test) return `instr(${text}, ${bind(test.part)}) > 0`;
    if ("head" in test) return `substr(${text}, 1, length(${bind(test.head)})) = ${bind(test.head)}`;
    const tail = bind(test.tail);
    return `length(${text}) >= length(${tail}) AND substr(${text}, length(${text}) - length(${tail}) + 1) = ${tail}`;
  };

  const matches = (test: FactTest): string => {
    if ("any" in test) return "1";
    if ("is" in test) return among("fact", test.is);
    if (isOfText(test)) return `${FACT_IS_TEXT} AND ${ofText("substr(fact, 2)", test)}`;
    return between("fact", test);
  };
  const ofFacts = (name: string, ...tests: FactTest[]): string => {
    const any = tests.length === 1 ? matches(tests[0]!) : `(${tests.map(matches).join(" OR ")})`;
    return `c.id IN (SELECT contact_id FROM contact_facts WHERE org_id = ?1 AND name = ${bind(name)} AND ${any})`;
  };

  const ofConsent = (test: TextTest): string => {
    if (!("is" in test)) return ofText("coalesce(c.consent_state, 'OPT_IN')", test);
    const among = (state: string) => test.is.includes(state);
    // What nobody said counts as OPT_IN; so it is asked for by what it is not.
    const [isIn, states] = [among("OPT_IN"), ["OPT_OUT", "STOP"]];
    const listed = states.filter((state) => among(state) !== isIn).map((state) => `'${state}'`);
    if (listed.length === 0) return isIn ? "1" : "0";
    return isIn ? `coalesce(c.consent_state, '') NOT IN (${listed})` : `coalesce(c.consent_state, '') IN (${listed})`;
  };

  /** All about one attribute are one look at its facts, when that has to pass over them all anyway. */
  const alternatives = (nodes: readonly SegmentQuery[]): string[] => {
    const tests = nodes.flatMap((node) => ("attribute" in node ? [node] : []));
    const [first] = tests;
    const isOne = first && tests.length === nodes.length && tests.every((one) => one.attribute === first.attribute);
    if (!isOne || !tests.some(({ test }) => isOfText(test))) return nodes.map(write);
    return [ofFacts(`a.${first.attribute}`, ...tests.map(({ test }) => test))];
  };

  const write = (node: SegmentQuery): string => {
    if ("all" in node) return node.all.length === 0 ? "1" : joined(node.all.map(write), "AND");
    if ("any" in node) return node.any.length === 0 ? "0" : joined(alternatives(node.any), "OR");
    if ("not" in node) return `NOT (${write(node.not)})`;
    if ("attribute" in node) return ofFacts(`a.${node.attribute}`, node.test);
    if ("tag" in node) {
      const { tag } = node;
      return ofFacts("c.tags", "is" in tag ? { is: tag.is.map((one) => `~s${one}`) } : tag);
    }
    if ("phone" in node) {
      return `c.id IN (SELECT contact_id FROM identities WHERE org_id = ?1 AND kind = 'phone' AND ${ofText("value", node.phone)})`;
    }
    if ("consent" in node) return ofConsent(node.consent);
    const test = node.createdAt;
    return "any" in test || "is" in test || isOfText(test)
      ? ofText(CREATED_AT, test)
      : `(${between("c.created_at", test)})`;
  };

  const where = write(query);
  return { where, values: JSON.stringify(values) };
};
