// Hears of every settled call to a model and hands it to the spool, where a log of requests is kept.
import type { RequestSpool } from '../../contracts/gateway.ts';
import type { CallObserver } from '../../contracts/ports.ts';

/** @param spool null = no log is kept at the moment */
export function createRequestLog(spool: () => RequestSpool | null): CallObserver {
  return {
    settled(call) {
      if (call.operation !== null) spool()?.take(call);
    },
  };
}
