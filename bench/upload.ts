// A large file of users through the product's own door: how long its answer takes, how much memory the runtime needs beside what it needs anyway,
// and that a kill in the middle neither loses nor doubles a row. Run: npm run bench -- upload [ROWS]
import { setTimeout as sleep } from "node:timers/promises";
import { residentMb } from "./processes.ts";
import { startRuntime } from "./runtime.ts";

const ROWS = Number(process.argv[3] ?? 100_000);
const SAMPLE_MS = 100;
const POLL_MS = 200;

const fileOf = (prefix: string, cities = 50): Blob => {
  const lines = ["phone_e164,name,city,tier,consent_state,note"];
  for (let n = 0; n < ROWS; n++) {
    lines.push(
      `+1${prefix}${String(2_000_000 + n)},Person ${n},City ${n % cities},${n % 3 ? "standard" : "premium"},OPT_IN,"line one\nline ${n}"`,
    );
  }
  return new Blob([lines.join("\r\n")]);
};

type Upload = {
  status: string;
  processed: number;
  created: number;
  updated: number;
  errors: number;
  upload_id: string;
};
const PATH = "/api/v1/users/bulk/upload";

const logIn = async (origin: string): Promise<Record<string, string>> => {
  const login = await fetch(`${origin}/api/v1/usr/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "admin", password: "admin" }),
  });
  const { access_token } = (await login.json()) as { access_token?: string };
  if (access_token === undefined) throw new Error(`no login: ${login.status}`);
  return { authorization: `Bearer ${access_token}` };
};
const send = async (origin: string, headers: Record<string, string>, file: Blob, query = ""): Promise<Upload> => {
  const form = new FormData();
  form.append("file", file, "users.csv");
  const answer = await fetch(`${origin}${PATH}${query}`, { method: "POST", headers, body: form });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Upload;
};
const read = async (origin: string, headers: Record<string, string>, id: string): Promise<Upload> =>
  (await (await fetch(`${origin}${PATH}/${id}`, { headers })).json()) as Upload;

const check = (upload: Upload, what: string): void => {
  const { status, processed, created, updated, errors } = upload;
  const isWhole = status === "completed" && processed === ROWS && created === ROWS && updated === 0 && errors === 0;
  if (!isWhole) throw new Error(`${what}: ${JSON.stringify(upload)}`);
};

let runtime = await startRuntime({});
const headers = await logIn(runtime.origin);
await send(runtime.origin, headers, new Blob(["phone_e164\n+14155550000\n"]));
const before = residentMb(runtime.pid);
let peak = before;
const sampling = setInterval(() => {
  peak = Math.max(peak, residentMb(runtime.pid));
}, SAMPLE_MS);
const file = fileOf("415");
const begun = performance.now();
let upload = await send(runtime.origin, headers, file);
while (upload.status === "processing") {
  await sleep(POLL_MS);
  upload = await read(runtime.origin, headers, upload.upload_id);
}
const seconds = (performance.now() - begun) / 1000;
clearInterval(sampling);
check(upload, "the upload");
console.log(
  `${ROWS} rows (${(file.size / 1e6).toFixed(1)} MB) in ${seconds.toFixed(1)} s, ${Math.round(ROWS / seconds)} rows/s; resident ${before.toFixed(0)} MB before, ${peak.toFixed(0)} MB at most.`,
);

const again = performance.now();
const second = await send(runtime.origin, headers, fileOf("415", 49));
if (second.updated !== ROWS) throw new Error(`the second upload: ${JSON.stringify(second)}`);
const updating = (performance.now() - again) / 1000;
console.log(`The same users again with another city: ${updating.toFixed(1)} s, ${Math.round(ROWS / updating)} rows/s.`);

const killed = (await send(runtime.origin, headers, fileOf("212"), "?wait_seconds=0")).upload_id;
let kills = 0;
for (const part of [0.2, 0.5, 0.8]) {
  while ((await read(runtime.origin, headers, killed)).processed < ROWS * part) await sleep(POLL_MS);
  process.kill(runtime.pid, "SIGKILL");
  kills++;
  const { stateDir } = runtime;
  await runtime.stop(true).catch(() => {});
  runtime = await startRuntime({}, stateDir);
}
let state = await read(runtime.origin, headers, killed);
while (state.status === "processing") {
  await sleep(POLL_MS);
  state = await read(runtime.origin, headers, killed);
}
check(state, "the killed upload");
const users = await fetch(`${runtime.origin}/api/v1/users?per_page=1`, { headers });
const { total } = (await users.json()) as { total: number };
if (total !== 2 * ROWS + 1) throw new Error(`${total} users, ${2 * ROWS + 1} expected`);
console.log(`Killed ${kills} times in the middle: ${state.created} created, none lost, none twice.`);
await runtime.stop();
