// How long a call waits for a word of Redis that it may go on without.
import { behindReads, type Deadline } from '../ipc/behind-reads.ts';

/** What comes of `asked`, which never rejects, or `late` behind `ms`. */
export async function inTime<T>(asked: Promise<T>, ms: number): Promise<T | 'late'> {
  let timer: Deadline | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = behindReads(ms, () => resolve('late'));
  });
  const told = await Promise.race([asked, late]);
  timer?.clear();
  return told;
}
