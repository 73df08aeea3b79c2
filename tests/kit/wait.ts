// Waiting in tests: always for a condition, never for a fixed time, and with a message when it does not come.

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * A stated time is what a quiet machine needs at most; one that stands still for seconds takes longer. Giving up late costs a test that
 * passes nothing, giving up early makes one fail that is right. Below the time a whole test has (vitest.config.ts).
 */
export const patience = (timeoutMs: number): number =>
  Math.max(timeoutMs, Math.min(90_000, Math.max(30_000, 4 * timeoutMs)));

/** Polls until `condition` returns something truthy and returns that. @throws long after `timeoutMs`, naming `what`. */
export async function waitUntil<T>(
  condition: () => T | Promise<T>,
  what: string,
  timeoutMs = 5_000,
  everyMs = 10,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + patience(timeoutMs);
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline)
      throw new Error(`gave up after ${patience(timeoutMs)} ms waiting for ${what}`);
    await sleep(everyMs);
  }
}

/** The promise's value, or an error naming `what` when it takes far longer than `timeoutMs`. */
export async function within<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const limitMs = patience(timeoutMs);
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
