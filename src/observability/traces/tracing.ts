// Head sampling: whether a call is recorded is known before anything of it is.
import { randomBytes } from 'node:crypto';
import type { TracesConfig } from '../../contracts/telemetry.ts';
import type { CallTrace, Tracing } from '../../contracts/trace.ts';
import { readTraceparent, readTracestate } from './traceparent.ts';

/**
 * A caller's `traceparent` decides for its calls; of the others `sampleRatio` are recorded.
 *
 * @param random in [0, 1).
 */
export function createTracing(
  { sampleRatio, parent, propagate }: TracesConfig,
  random: () => number = Math.random,
): Tracing {
  const follows = parent === 'follow';
  return {
    begin(headers) {
      const caller = follows ? readTraceparent(headers.get('traceparent')) : null;
      if (caller === null) return random() < sampleRatio ? recorded(id(16), '', '', propagate) : null;
      const state = readTracestate(headers.get('tracestate'));
      const { traceId, parentId } = caller;
      if (caller.sampled) return recorded(traceId, parentId, state, propagate);
      return propagate ? { traceId, spanId: parentId, parentId, state, sampled: false, told: true } : null;
    },
  };
}

function recorded(traceId: string, parentId: string, state: string, told: boolean): CallTrace {
  return { traceId, spanId: id(8), parentId, state, sampled: true, told };
}

/** Never all zeros, which would name nothing. */
function id(bytes: number): string {
  const drawn = randomBytes(bytes);
  drawn[0]! |= 1;
  return drawn.toString('hex');
}
