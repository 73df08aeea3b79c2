// Closed-loop load with the least generator there is: wrk, and the bench's own where wrk is not installed.
import type { Lab, LoadResult, UnaryLoad } from '../contract.ts';

type Saturation = Pick<
  UnaryLoad,
  'endpoint' | 'dialect' | 'bodyBytes' | 'distinct' | 'connections' | 'seconds'
>;

export type Saturate = (load: Saturation) => Promise<LoadResult>;

/** Decides once, so that all targets meet the same generator. */
export function createSaturate(lab: Lab): { saturate: Saturate; notes: string[] } {
  const notes: string[] = [];
  let wrk = true;
  const saturate: Saturate = async (load) => {
    if (wrk) {
      try {
        return await lab.ceiling(load);
      } catch (error) {
        if (!/not installed/.test(String(error))) throw error;
        wrk = false;
        notes.push(
          "wrk is not installed: closed loops are driven by the bench's own generator, which takes more of its core",
        );
      }
    }
    return lab.unary(load);
  };
  return { saturate, notes };
}
