// The worker processes of a gateway under test, as its log names them. The primary says that a worker listens in its own time:
// a call may be answered long before its line is there.
import type { GatewayProcess } from './gateway.ts';
import { waitUntil } from './wait.ts';

/** Process ids of the first `count` workers that listened, oldest first; waits for their lines. */
export async function workerPids(gateway: Pick<GatewayProcess, 'logs'>, count: number): Promise<number[]> {
  const pids = (): number[] =>
    gateway.logs().flatMap(({ msg, workerPid }) => (msg === 'worker listens' ? [Number(workerPid)] : []));
  await waitUntil(() => pids().length >= count, `${count} workers`, 30_000);
  return pids().slice(0, count);
}
