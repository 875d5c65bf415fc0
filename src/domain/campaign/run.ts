// How a campaign is sent: the numbers that its object and its verbs share.

/** A campaign that runs has its object awake at least so often; the sweeper looks after one that is late. */
export const HEARTBEAT_MS = 60_000;
