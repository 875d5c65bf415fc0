// `npm run bench -- NAME …`: runs bench/NAME.ts.
const benches = [
  "engine",
  "requests",
  "counts",
  "campaign",
  "conversation",
  "sleeping",
  "soak",
  "reports",
  "analytics",
  "segments",
  "upload",
  "sandbox",
  "marketing",
  "stream",
  "queue",
];
const name = process.argv[2] ?? "";
if (!benches.includes(name)) {
  console.error(`usage: npm run bench -- ${benches.join("|")}`);
  process.exit(2);
}
await import(`./${name}.ts`);

export {};
