// Before those who know one answer of a call (plugins: they tell pieces apart by call and block) hear of a stream, it claims the call:
// of two that race the other one is aborted, so that what they hear are never pieces of both.
import type { Delta } from '../../contracts/chat.ts';
import type { CreateDeltaQueue, DeltaFilter } from '../../contracts/delta-filter.ts';

/** @param claim called once, before the first delta of which `filter` tells anybody. */
export function filterAlone(filter: DeltaFilter, claim: () => void): DeltaFilter {
  const first = once(claim);
  return {
    take(delta, out) {
      if (speaks(delta)) first();
      filter.take(delta, out);
    },
    end(out) {
      first();
      filter.end(out);
    },
  };
}

/** As `filterAlone`, of one that takes its time. */
export function queueAlone(create: CreateDeltaQueue, claim: () => void): CreateDeltaQueue {
  return (out, news) => {
    const queue = create(out, news);
    const first = once(claim);
    return {
      push(deltas) {
        if (deltas.some(speaks)) first();
        queue.push(deltas);
      },
      get heldChars() {
        return queue.heldChars;
      },
      close: () => queue.close(),
    };
  };
}

/** Many streams begin with a text that is empty. */
function speaks(delta: Delta): boolean {
  switch (delta.kind) {
    case 'text':
    case 'arguments':
      return delta.text !== '';
    case 'close':
    case 'end':
      return true;
    default:
      return false;
  }
}

function once(claim: () => void): () => void {
  let claimed = false;
  return () => {
    if (claimed) return;
    claimed = true;
    claim();
  };
}
