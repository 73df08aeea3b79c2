// How long a call waits for a word of Redis that it may go on without.
import { behindReads } from '../ipc/behind-reads.ts';

/** What comes of `asked`, which never rejects, or `late` behind `ms`. */
export async function inTime<T>(asked: Promise<T>, ms: number): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = behindReads(ms, () => resolve('late'));
  });
  const told = await Promise.race([asked, late]);
  clearTimeout(timer);
  return told;
}
