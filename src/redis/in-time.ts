// How long a call waits for a word of Redis that it may go on without.

/** What comes of `asked`, which never rejects, or `late` behind `ms`. What lies in the socket by then was in time: it was this worker that was not. */
export async function inTime<T>(asked: Promise<T>, ms: number): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => setImmediate(resolve, 'late'), ms);
  });
  const told = await Promise.race([asked, late]);
  clearTimeout(timer);
  return told;
}
