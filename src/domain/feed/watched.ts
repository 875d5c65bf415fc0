// Whether anybody listens to a workflow, by what was read along with it.

type Watched = { watchedUntil?: number | null };

export const isWatched = ({ watchedUntil }: Watched, now: number): boolean => (watchedUntil ?? 0) > now;

/** `organization/workflow` of those of a batch that are watched. */
export const watchedOf = (
  {
    candidates,
    targets,
  }: Record<"candidates" | "targets", readonly (Watched & { organizationId: string; workflowId: string })[]>,
  now: number,
): ReadonlySet<string> =>
  new Set(
    [...candidates, ...targets]
      .filter((one) => isWatched(one, now))
      .map(({ organizationId, workflowId }) => `${organizationId}/${workflowId}`),
  );
