// What an execution costs, counted and not timed: runs the test that holds it to its budget, and prints what it counted. The figures do not depend
// on the machine. Run: npm run bench -- counts
import { countedBy } from "./counted.ts";

const { columns, code, said } = await countedBy("test/objects/budget.test.ts");
const names = Object.keys(columns[0]!);
console.log("Per execution, twenty in a batch:\n");
for (const [row, name] of names.entries()) {
  console.log(`| ${name} | ${columns.map((column) => column[name]).join(" | ")} |`);
  if (row === 0) console.log(`| ${["---", ...columns.map(() => "---:")].join(" | ")} |`);
}
console.log(code === 0 ? "\nWithin the budget." : `\n${said}`);
process.exitCode = code;
