// The demo's workflow, in the words of the core API, and what it should say about a payload of GitHub's. The second is written without the
// first on purpose: the demo compares them.

type Node = { node_type: string; label: string; config: object };
type Edge = [from: string, port: string, to: string];

export type DemoWorkflow = { nodes: Record<string, Node>; connections: object[] };

type Wishes = { to: string; channel: string; target: string | undefined };

/** Each piece of news: the node that tells it, and the text. */
const NEWS = {
  tell_pull_request:
    "{{ event.data.sender.login }} opened pull request #{{ event.data.number }} in {{ event.data.repository.full_name }}: {{ event.data.pull_request.title }}",
  tell_issue:
    "{{ event.data.sender.login }} opened issue #{{ event.data.issue.number }} in {{ event.data.repository.full_name }}: {{ event.data.issue.title }}",
  tell_release: "{{ event.data.repository.full_name }} {{ event.data.release.tag_name }} is out",
  tell_run:
    "A workflow run on {{ event.data.workflow_run.head_branch }} of {{ event.data.repository.full_name }} ended: {{ event.data.workflow_run.conclusion }}",
  tell_push:
    "{{ event.data.pusher.name }} pushed {{ event.data.ref }} to {{ event.data.repository.full_name }}: {{ event.data.head_commit.message }}",
} as const;

const branch = (label: string, ...conditions: object[]): Node => ({
  node_type: "condition_if",
  label,
  config: { conditions: { operator: "and", conditions } },
});
const exists = (field: string) => ({ field, operator: "exists" });

const BRANCHES: Record<string, Node> = {
  kind: {
    node_type: "condition_switch",
    label: "What happened?",
    config: {
      field: "event.data.action",
      cases: ["opened", "published", "completed"].map((value) => ({ value, port: value })),
    },
  },
  is_pull_request: branch("A pull request?", exists("event.data.pull_request")),
  is_issue: branch("An issue?", exists("event.data.issue")),
  is_release: branch("A release?", exists("event.data.release")),
  is_run: branch("A run with an end?", {
    field: "event.data.workflow_run.conclusion",
    operator: "in",
    value: ["success", "failure"],
  }),
  is_push: branch("Commits?", exists("event.data.head_commit")),
};

const EDGES: Edge[] = [
  ["github", "output", "kind"],
  ["kind", "opened", "is_pull_request"],
  ["kind", "published", "is_release"],
  ["kind", "completed", "is_run"],
  ["kind", "default", "is_push"],
  ["is_pull_request", "true", "tell_pull_request"],
  ["is_pull_request", "false", "is_issue"],
  ["is_issue", "true", "tell_issue"],
  ["is_issue", "false", "done"],
  ["is_release", "true", "tell_release"],
  ["is_release", "false", "done"],
  ["is_run", "true", "tell_run"],
  ["is_run", "false", "done"],
  ["is_push", "true", "tell_push"],
  ["is_push", "false", "done"],
];

const FORWARD: Node = { node_type: "action_webhook", label: "Forward", config: {} };

/** Conditions on GitHub's payload decide what is news; news becomes a message, and a POST when there is a target. */
export const demoWorkflow = ({ to, channel, target }: Wishes): DemoWorkflow => {
  const tellers = Object.keys(NEWS);
  const after = target === undefined ? "done" : "forward";
  const edges: Edge[] = [...EDGES, ...tellers.map((teller): Edge => [teller, "output", after])];
  if (target !== undefined) edges.push(["forward", "output", "done"]);
  return {
    nodes: {
      github: { node_type: "trigger_webhook", label: "GitHub", config: {} },
      ...BRANCHES,
      ...Object.fromEntries(
        Object.entries(NEWS).map(([id, message]) => [
          id,
          { node_type: "action_chat_message", label: "Tell", config: { to, channel, message } },
        ]),
      ),
      ...(target === undefined
        ? {}
        : {
            forward: {
              ...FORWARD,
              config: { url: target, method: "POST", body: { repository: "{{ event.data.repository.full_name }}" } },
            },
          }),
      done: { node_type: "flow_end", label: "Done", config: {} },
    },
    connections: edges.map(([from, port, to], index) => ({
      connection_id: `conn${index + 1}`,
      from_node_id: from,
      from_port_name: port,
      to_node_id: to,
      to_port_name: "input",
    })),
  };
};

/** As far as a payload is read here. */
type Payload = {
  action?: string;
  number?: number;
  sender?: { login: string };
  repository?: { full_name: string };
  pusher?: { name: string };
  ref?: string;
  pull_request?: { title: string };
  issue?: { number: number; title: string };
  release?: { tag_name: string };
  workflow_run?: { head_branch: string; conclusion: string | null };
  head_commit?: { message: string } | null;
};

/** What a reader expects to be told of a payload; undefined when it is no news. */
export const expectedNews = (payload: object): string | undefined => {
  const {
    action,
    number,
    ref,
    sender,
    repository,
    pusher,
    pull_request,
    issue,
    release,
    workflow_run,
    head_commit,
  }: Payload = payload;
  const where = repository?.full_name;
  switch (action) {
    case "opened":
      if (pull_request) return `${sender?.login} opened pull request #${number} in ${where}: ${pull_request.title}`;
      return issue && `${sender?.login} opened issue #${issue.number} in ${where}: ${issue.title}`;
    case "published":
      return release && `${where} ${release.tag_name} is out`;
    case "completed": {
      const { head_branch, conclusion } = workflow_run ?? {};
      const hasEnded = conclusion === "success" || conclusion === "failure";
      return hasEnded ? `A workflow run on ${head_branch} of ${where} ended: ${conclusion}` : undefined;
    }
    default:
      return head_commit ? `${pusher?.name} pushed ${ref} to ${where}: ${head_commit.message}` : undefined;
  }
};
