// How much one marketing workflow may have.

export const MAX_TRIGGERS = 100;
export const MAX_ACTIONS = 200;
