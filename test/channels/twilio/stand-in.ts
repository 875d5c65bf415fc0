// A Messages API over real HTTP for tests: it keeps a ledger of what it accepted, and a script says how it misbehaves.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Request = { method: string; url: string; headers: IncomingMessage["headers"]; form: URLSearchParams };
export type Row = Record<string, string | null>;
type Reply = (request: Request, response: ServerResponse, ledger: Row[]) => void;

export const startStandIn = async () => {
  const requests: Request[] = [];
  const ledger: Row[] = [];
  const script: Reply[] = [];

  const accept = (request: Request): Row => {
    const row: Row = {
      sid: `SM${String(ledger.length + 1).padStart(32, "0")}`,
      status: "queued",
      to: request.form.get("To"),
      from: request.form.get("From"),
      body: request.form.get("Body") ?? "",
      num_media: String(request.form.getAll("MediaUrl").length),
      num_segments: "1",
      direction: "outbound-api",
      date_created: new Date().toUTCString().replace("GMT", "+0000"),
      date_sent: null,
      error_code: null,
      error_message: null,
    };
    ledger.unshift(row);
    return row;
  };

  const json = (response: ServerResponse, status: number, body: unknown) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

  const list = (request: Request, response: ServerResponse) => {
    const query = new URL(request.url, "http://x").searchParams;
    const size = Number(query.get("PageSize"));
    const page = Number(query.get("Page") ?? 0);
    const rows = ledger.filter(
      (row) => row.to === query.get("To") && (!query.has("From") || row.from === query.get("From")),
    );
    query.set("Page", String(page + 1));
    const more = rows.length > (page + 1) * size;
    json(response, 200, {
      messages: rows.slice(page * size, (page + 1) * size),
      next_page_uri: more ? `${request.url.split("?")[0]}?${query}` : null,
    });
  };

  const server = createServer(async (message, response) => {
    let body = "";
    for await (const chunk of message) body += chunk;
    const { method = "", url = "", headers } = message;
    const request = { method, url, headers, form: new URLSearchParams(body) };
    requests.push(request);
    const scripted = script.shift();
    if (scripted) scripted(request, response, ledger);
    else if (method === "GET") list(request, response);
    else json(response, 201, accept(request));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    ledger,
    script,
    accept,
    json,
    reset: () => {
      requests.length = 0;
      ledger.length = 0;
      script.length = 0;
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
