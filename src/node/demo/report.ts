// The demo's words for people: a table of executions, each with the messages that went out, and what was not as expected. Pure.
import type { Message, Refused, Story, Told } from "./story.ts";

const ms = (value: number): string => `${Math.round(value)} ms`;

const aligned = (rows: string[][], right: ReadonlySet<number>): string[] => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (right.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
};

const messageLine = ({ channel, to, status, provider_id, text }: Message): string =>
  `    ${channel} to ${to}: ${status} as ${provider_id}\n      “${text.split("\n").join("\n       ")}”`;

const faultLines = (faults: string[]): string[] => faults.map((fault) => `    NOT AS EXPECTED: ${fault}`);

const HEAD = ["DELIVERY", "ANSWERED", "QUEUED", "RAN", "PATH"];

const executionLines = (told: Told[]): string[] => {
  const rows = told.map(({ title, answeredMs, queuedMs, ranMs, path }) => [
    title,
    ms(answeredMs),
    ms(queuedMs),
    ms(ranMs),
    path.join(" › "),
  ]);
  const [head, ...lines] = aligned([HEAD, ...rows], new Set([1, 2, 3]));
  return [
    head!,
    ...told.flatMap(({ messages, faults }, index) => [
      lines[index]!,
      ...messages.map(messageLine),
      ...faultLines(faults),
    ]),
  ];
};

const refusedLines = (refused: Refused[]): string[] =>
  refused.flatMap(({ title, said, faults }) => [`${title}: ${said}`, ...faultLines(faults)]);

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;

export const faultsIn = ({ told, refused }: Story): number =>
  [...told, ...refused].reduce((sum, { faults }) => sum + faults.length, 0);

export const report = (story: Story): string => {
  const { told, refused } = story;
  const messages = told.flatMap((one) => one.messages);
  const channels = [...new Set(messages.map(({ channel }) => channel))].join(", ");
  const faults = faultsIn(story);
  return [
    ...executionLines(told),
    "",
    ...refusedLines(refused),
    "",
    `${count(told.length, "delivery").replace("deliverys", "deliveries")} of GitHub's, ${count(messages.length, "message")} out${channels && ` by ${channels}`}; ` +
      (faults === 0 ? "all as expected." : `${count(faults, "thing")} NOT as expected.`),
  ].join("\n");
};
