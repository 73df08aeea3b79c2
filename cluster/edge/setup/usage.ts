/** The command line was wrong: said on stderr, exit 2. */
export class EdgeUsageError extends Error {}
