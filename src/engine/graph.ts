// Facts about the shape of a graph: what can be reached, which nodes go round in circles, how long the longest way is. Iterative throughout,
// because a user's graph may be ten thousand nodes deep.

export type Adjacency = ReadonlyMap<string, readonly string[]>;

export const reachableFrom = (starts: Iterable<string>, next: Adjacency): Set<string> => {
  const seen = new Set(starts);
  const open = [...seen];
  for (let current = open.pop(); current !== undefined; current = open.pop()) {
    for (const target of next.get(current) ?? []) {
      if (!seen.has(target)) {
        seen.add(target);
        open.push(target);
      }
    }
  }
  return seen;
};

/** Strongly connected components in reverse topological order (Tarjan, 1972). */
export const componentsOf = (nodes: Iterable<string>, next: Adjacency): string[][] => {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const onStack = new Set<string>();
  const stack: string[] = [];
  const components: string[][] = [];
  for (const root of nodes) {
    if (index.has(root)) continue;
    const work: { node: string; edge: number }[] = [{ node: root, edge: 0 }];
    while (work.length > 0) {
      const frame = work.at(-1)!;
      const { node } = frame;
      if (frame.edge === 0) {
        index.set(node, index.size);
        low.set(node, index.get(node)!);
        stack.push(node);
        onStack.add(node);
      }
      const target = next.get(node)?.[frame.edge];
      frame.edge++;
      if (target !== undefined) {
        if (!index.has(target)) work.push({ node: target, edge: 0 });
        else if (onStack.has(target)) low.set(node, Math.min(low.get(node)!, index.get(target)!));
        continue;
      }
      work.pop();
      const parent = work.at(-1)?.node;
      if (parent !== undefined) low.set(parent, Math.min(low.get(parent)!, low.get(node)!));
      if (low.get(node) === index.get(node)) {
        const component: string[] = [];
        for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
          onStack.delete(member);
          component.push(member);
          if (member === node) break;
        }
        components.push(component);
      }
    }
  }
  return components;
};

/** Whether a component goes round: more than one node, or a node with an edge to itself. */
export const isCircle = (component: readonly string[], next: Adjacency): boolean =>
  component.length > 1 || (next.get(component[0]!) ?? []).includes(component[0]!);

/** The heaviest way through the graph; Infinity when a circle lies on one. */
export const longestWay = (nodes: Iterable<string>, next: Adjacency, weight: (node: string) => number): number => {
  const ids = [...nodes];
  const longest = new Map<string, number>();
  let overall = 0;
  for (const component of componentsOf(ids, next)) {
    const circle = isCircle(component, next);
    for (const node of component) {
      let beyond = 0;
      for (const target of next.get(node) ?? []) beyond = Math.max(beyond, longest.get(target) ?? 0);
      const total = circle ? Number.POSITIVE_INFINITY : weight(node) + beyond;
      longest.set(node, total);
      overall = Math.max(overall, total);
    }
  }
  return overall;
};
