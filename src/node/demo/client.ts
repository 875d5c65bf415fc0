// The product's HTTP API as the demo calls it: signs in, sends JSON, and turns an answer that is no success into one clear line.

class Refusal extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(call: string, status: number, body: unknown) {
    super(`${call} answered ${status}: ${typeof body === "string" ? body : JSON.stringify(body)}`);
    this.name = "Refusal";
    this.status = status;
    this.body = body;
  }
}

export type Client = {
  origin: string;
  /** The parsed answer's `data`. Throws Refusal on anything but 2xx. */
  call: <T>(method: string, path: string, body?: unknown) => Promise<T>;
};

const read = async (answer: Response): Promise<unknown> => {
  const text = await answer.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const request = async (method: string, url: string, token: string | undefined, body: unknown): Promise<unknown> => {
  const answer = await fetch(url, {
    method,
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const answered = await read(answer);
  if (!answer.ok) throw new Refusal(`${method} ${url}`, answer.status, answered);
  return answered;
};

/** Throws Refusal when the account is not known there. */
export const signIn = async (origin: string, username: string, password: string): Promise<Client> => {
  const session = await request("POST", `${origin}/api/v1/usr/login/`, undefined, { username, password });
  const { access_token: token } = session as { access_token: string };
  return {
    origin,
    call: async <T>(method: string, path: string, body?: unknown) =>
      ((await request(method, `${origin}${path}`, token, body)) as { data: T }).data,
  };
};
