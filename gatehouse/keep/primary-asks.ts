// Questions to the primary, which alone knows the processes and holds the configuration. One that is not answered in time
// (it is busy, or going) is a fault like that of a store that is away: worth another try.
import type { FromGatehouse, GatehouseAnswer, GatehouseAsk } from '../../src/contracts/gatehouse-ipc.ts';
import { behindReads } from '../../src/ipc/behind-reads.ts';
import { ApiError } from '../errors/api-error.ts';

/** A configuration is loaded and sent round in well under a second. */
const ANSWER_MS = 10_000;
const MAX_OPEN = 1_000;

export interface PrimaryAsks {
  /** @throws ApiError 503 without an answer, 409 with the primary's words when it refuses. */
  ask(ask: GatehouseAsk): Promise<unknown>;
  answered(id: number, answer: GatehouseAnswer): void;
}

export function createPrimaryAsks(send: (message: FromGatehouse) => void): PrimaryAsks {
  const open = new Map<number, (answer: GatehouseAnswer | null) => void>();
  let last = 0;
  return {
    async ask(ask) {
      if (open.size >= MAX_OPEN) throw busy();
      const id = ++last;
      const answer = await new Promise<GatehouseAnswer | null>((resolve) => {
        const late = behindReads(ANSWER_MS, () => resolve(null));
        open.set(id, (given) => {
          late.clear();
          resolve(given);
        });
        send({ t: 'ask', id, ask });
      });
      open.delete(id);
      if (answer === null) throw busy();
      if (!answer.ok) throw new ApiError(409, 'refused', answer.message);
      return answer.value;
    },
    answered(id, answer) {
      open.get(id)?.(answer);
    },
  };
}

const busy = (): ApiError =>
  new ApiError(503, 'gateway_busy', 'The gateway’s primary process did not answer in time.', {
    headers: { 'retry-after': '1' },
  });
