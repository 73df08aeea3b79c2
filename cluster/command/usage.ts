/** The command line was wrong: said on stderr, exit 2. */
export class UsageError extends Error {}

/** What cannot be read was written wrongly. @throws UsageError */
export function asUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
