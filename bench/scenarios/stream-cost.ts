// CPU per delta of a stream load.
import type { Lab, StreamLoad, StreamResult } from '../contract.ts';

/** Of the measured window; the cost of opening and ending the streams that do so in it is spread over its deltas. */
export async function streamCost(
  lab: Lab,
  pid: number,
  load: StreamLoad,
): Promise<{ micros: number; result: StreamResult }> {
  const { cpuMicros, result } = await lab.cpuOf(pid, () => lab.streams(load));
  return { micros: cpuMicros / result.deltas, result };
}
