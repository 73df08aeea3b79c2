/** Statuses of a receiver that say to try again; all others of 4xx say that it will never take this. */
export const RETRYABLE: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504, 507, 509, 529]);
