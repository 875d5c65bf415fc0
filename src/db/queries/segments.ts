// Segments as SQL: sets of contacts by facts of their attributes and by their own columns. What a fact means is domain/segment/facts.ts.

/** About the facts of one attribute, or of one column read as such. `part`, `head`, `tail` are of a value's text. */
export type FactTest =
  | { any: true }
  | { is: string }
  | { from?: string; above?: string; below?: string; upTo?: string }
  | { part: string }
  | { head: string }
  | { tail: string };

export type SegmentQuery =
  | { all: SegmentQuery[] }
  | { any: SegmentQuery[] }
  | { not: SegmentQuery }
  | { attribute: string; test: FactTest }
  | { field: string; test: FactTest };

/** A WHERE clause over `contacts c`. `?1` is the organisation, `?2` the JSON list of all values, so that no tree has too many parameters. */
export type SegmentSql = { where: string; values: string };

/** Texts and booleans have their text behind one letter; both take part in what is asked of texts. */
const isText = "(fact >= 's' AND fact < 't' OR fact >= 'b' AND fact < 'c')";

export const segmentSql = (query: SegmentQuery): SegmentSql => {
  const values: string[] = [];
  const bind = (value: string): string => `json_extract(?2, '$[${values.push(value) - 1}]')`;

  const matches = (test: FactTest): string => {
    if ("any" in test) return "1";
    if ("is" in test) return `fact = ${bind(test.is)}`;
    if ("part" in test) return `${isText} AND instr(substr(fact, 2), ${bind(test.part)}) > 0`;
    if ("head" in test) return `${isText} AND substr(fact, 2, length(${bind(test.head)})) = ${bind(test.head)}`;
    if ("tail" in test) {
      const tail = bind(test.tail);
      return `${isText} AND length(fact) > length(${tail}) AND substr(fact, length(fact) - length(${tail}) + 1) = ${tail}`;
    }
    const bounds: string[] = [];
    if (test.from !== undefined) bounds.push(`fact >= ${bind(test.from)}`);
    if (test.above !== undefined) bounds.push(`fact > ${bind(test.above)}`);
    if (test.below !== undefined) bounds.push(`fact < ${bind(test.below)}`);
    if (test.upTo !== undefined) bounds.push(`fact <= ${bind(test.upTo)}`);
    return bounds.join(" AND ");
  };

  const write = (node: SegmentQuery): string => {
    if ("all" in node) return node.all.length === 0 ? "1" : `(${node.all.map(write).join(" AND ")})`;
    if ("any" in node) return node.any.length === 0 ? "0" : `(${node.any.map(write).join(" OR ")})`;
    if ("not" in node) return `NOT (${write(node.not)})`;
    const name = bind("attribute" in node ? `a.${node.attribute}` : `c.${node.field}`);
    return `c.id IN (SELECT contact_id FROM contact_facts WHERE org_id = ?1 AND name = ${name} AND ${matches(node.test)})`;
  };

  const where = write(query);
  return { where, values: JSON.stringify(values) };
};
