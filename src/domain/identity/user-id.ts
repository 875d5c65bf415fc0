// What may be the id of a user, whoever gives it out: a token's issuer, or an admin who adds a member.

// A lone surrogate is no text: it is stored as U+FFFD, and so all of them, and whoever has that id, would be one user.
const USER_ID = /^[^\s\p{Cc}\p{Cs}]{1,128}$/u;

/** 1 to 128 characters, no spaces, no control characters, well-formed. */
export const isUserId = (text: string): boolean => USER_ID.test(text);
