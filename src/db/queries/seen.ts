// What an organisation's data holds by name: tags, attributes, sources, forms. Read from indexes by leaping from one name to the next, and counted
// as far as a list needs, so that a million contacts cost as much as a thousand.

/** Names of one kind that are listed, and contacts that one is counted among; more are "so many and more". */
const MAX_NAMES = 200;
export const MAX_COUNTED = 250;
/** Of the latest events so many are looked at. */
export const LATEST_EVENTS = 1_000;

export type SeenValue = { value: string; n: number };
/** How many of its values are of each kind, up to MAX_COUNTED; `number` and `date` of those that are `text`. */
export type SeenAttribute = { name: string } & Record<keyof typeof KINDS | keyof typeof READINGS, number>;
export type SeenField = {
  type: string;
  source: string;
  field: string;
  kind: string;
  n: number;
  events: number;
  lastAt: number;
};

/** Facts of one name that begin so, once each, in order. */
const leapOverFacts = (name: string, prefix: string, next: string): string =>
  `WITH RECURSIVE seen(fact) AS (
     SELECT min(fact) FROM contact_facts WHERE org_id = ?1 AND name = ${name} AND fact >= '${prefix}' AND fact < '${next}'
     UNION ALL
     SELECT (SELECT min(f.fact) FROM contact_facts f WHERE f.org_id = ?1 AND f.name = ${name} AND f.fact > seen.fact AND f.fact < '${next}')
     FROM seen WHERE seen.fact IS NOT NULL LIMIT ${MAX_NAMES + 1})
   SELECT substr(fact, ${prefix.length + 1}) AS value, (SELECT count(*) FROM (SELECT 1 FROM contact_facts c
     WHERE c.org_id = ?1 AND c.name = ${name} AND c.fact = seen.fact LIMIT ${MAX_COUNTED})) AS n
   FROM seen WHERE fact IS NOT NULL LIMIT ${MAX_NAMES}`;

export const selectTags = (db: D1Database, organizationId: string): D1PreparedStatement =>
  db.prepare(leapOverFacts("'c.tags'", "~s", "~t")).bind(organizationId);

/** What the texts of an attribute are. */
export const selectTexts = (db: D1Database, organizationId: string, attribute: string): D1PreparedStatement =>
  db.prepare(leapOverFacts("?2", "s", "t")).bind(organizationId, `a.${attribute}`);

/** One fact of every value is among these (domain/segment/facts.ts). */
const KINDS = {
  text: ["s", "t"],
  boolean: ["b", "c"],
  list: ["=[", "=\\"],
  object: ["={", "=|"],
} as const;
/** Further facts of texts, which say what else they are; numbers have a text. */
const READINGS = { number: ["#", "$"], date: ["!", '"'] } as const;

const among = (range: readonly [string, string]): string =>
  `SELECT 1 FROM contact_facts c WHERE c.org_id = ?1 AND c.name = seen.name AND c.fact >= '${range[0]}' AND c.fact < '${range[1]}'`;

export const selectAttributes = (db: D1Database, organizationId: string): D1PreparedStatement =>
  db
    .prepare(
      `WITH RECURSIVE seen(name) AS (
         SELECT min(name) FROM contact_facts WHERE org_id = ?1 AND name >= 'a.' AND name < 'a/'
         UNION ALL
         SELECT (SELECT min(f.name) FROM contact_facts f WHERE f.org_id = ?1 AND f.name > seen.name AND f.name < 'a/')
         FROM seen WHERE seen.name IS NOT NULL LIMIT ${MAX_NAMES + 1})
       SELECT substr(name, 3) AS name,
         ${Object.entries({ ...KINDS, ...READINGS })
           .map(([kind, range]) => `(SELECT count(*) FROM (${among(range)} LIMIT ${MAX_COUNTED})) AS ${kind}`)
           .join(", ")}
       FROM seen WHERE name IS NOT NULL LIMIT ${MAX_NAMES}`,
    )
    .bind(organizationId);

/** Where the latest new contacts came from. */
export const selectCreators = (db: D1Database, organizationId: string): D1PreparedStatement =>
  db
    .prepare(
      `SELECT source AS value, count(*) AS n, max(occurred_at) AS lastAt FROM (
         SELECT source, occurred_at FROM events INDEXED BY events_type
         WHERE org_id = ?1 AND type = 'USER_CREATED' ORDER BY id DESC LIMIT ${LATEST_EVENTS})
       GROUP BY source ORDER BY n DESC LIMIT ${MAX_NAMES}`,
    )
    .bind(organizationId);

/** Fields of the latest events that webhooks and forms brought, by where they came from. */
export const selectFormFields = (db: D1Database, organizationId: string): D1PreparedStatement =>
  db
    .prepare(
      `WITH latest AS MATERIALIZED (
         SELECT type, source, data, occurred_at FROM (
           SELECT type, source, data, occurred_at FROM events WHERE org_id = ?1 ORDER BY id DESC LIMIT ${LATEST_EVENTS})
         WHERE type = 'WEBHOOK_RECEIVED' OR upper(type) LIKE '%FORM%' OR upper(type) LIKE '%SUBMI%' OR upper(type) LIKE '%LEAD%'
           OR upper(type) LIKE '%SIGN%UP%')
       SELECT l.type, l.source, f.key AS field, max(f.type) AS kind, count(*) AS n,
         (SELECT count(*) FROM latest o WHERE o.type = l.type AND o.source = l.source) AS events,
         max(l.occurred_at) AS lastAt
       FROM latest l CROSS JOIN json_each(l.data) f
       GROUP BY l.type, l.source, f.key ORDER BY lastAt DESC LIMIT 2000`,
    )
    .bind(organizationId);

export type CalledService = {
  service: string;
  calls: number;
  failed: number;
  lastCalledHour: number;
  lastGoodHour: number | null;
  lastFailedAt: number | null;
};

/** Hosts and channels that executions called since then, most called first. */
export const selectCalled = (db: D1Database, organizationId: string, since: number): D1PreparedStatement =>
  db
    .prepare(
      `SELECT service, sum(calls) AS calls, sum(failed) AS failed, max(hour) AS lastCalledHour,
         max(CASE WHEN calls > failed THEN hour END) AS lastGoodHour, max(last_failed_at) AS lastFailedAt
       FROM (SELECT hour, service, calls, failed, last_failed_at FROM service_rollups WHERE org_id = ?1 AND hour >= ?2
         ORDER BY hour DESC LIMIT 5000)
       GROUP BY service ORDER BY calls DESC LIMIT ${MAX_NAMES}`,
    )
    .bind(organizationId, since);
