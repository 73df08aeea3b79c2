// Kept answers of all workers, as one: how many there are, and which are to go. Asked by people through the gatehouse.
import type { CachePurge } from '../../src/contracts/cache.ts';
import type { CacheTold } from '../../src/contracts/cache-view.ts';
import { behindReads, type Deadline } from '../../src/ipc/behind-reads.ts';
import type { Life } from '../crew/life.ts';

/** A worker that says nothing by then says nothing; one that goes over Redis takes its time. */
const WAIT_MS = 10_000;

interface Question {
  readonly waiting: Set<Life>;
  readonly sum: { -readonly [Part in keyof CacheTold]: CacheTold[Part] };
  /** Who goes over what they share, where something is to go. */
  readonly sharing: Life | undefined;
  readonly done: (sum: CacheTold) => void;
  readonly timer: Deadline;
}

export interface CacheDesk {
  /** @param wanted null = nothing goes. */
  ask(wanted: CachePurge | null): Promise<CacheTold>;
  told(from: Life, ask: number, told: CacheTold): void;
  /** It answers nothing any more. */
  leave(life: Life): void;
}

/** @param lives all that there are. */
export function createCacheDesk(lives: () => readonly Life[], waitMs = WAIT_MS): CacheDesk {
  const open = new Map<number, Question>();
  let last = 0;

  function close(ask: number, { timer, sum, done }: Question): void {
    timer.clear();
    open.delete(ask);
    done({ ...sum });
  }

  return {
    ask(wanted) {
      const asked = lives().filter((life) => life.state !== 'loading');
      const ask = ++last;
      return new Promise((done) => {
        const question: Question = {
          waiting: new Set(asked),
          sum: { entries: 0, bytes: 0, gone: 0, missed: false },
          sharing: wanted === null ? undefined : asked[0],
          done,
          timer: behindReads(waitMs, () => {
            question.sum.missed = wanted !== null;
            close(ask, question);
          }).unref(),
        };
        open.set(ask, question);
        // One of them is enough to go over what they share.
        for (const life of asked) life.send({ t: 'cache', ask, wanted, shared: life === asked[0] });
        if (asked.length === 0) close(ask, question);
      });
    },
    told(from, ask, { entries, bytes, gone, missed }) {
      const question = open.get(ask);
      if (question === undefined || !question.waiting.delete(from)) return;
      question.sum.entries += entries;
      question.sum.bytes += bytes;
      question.sum.gone += gone;
      question.sum.missed ||= missed;
      if (question.waiting.size === 0) close(ask, question);
    },
    leave(life) {
      for (const [ask, question] of open) {
        if (!question.waiting.delete(life)) continue;
        // Its own memory went with it.
        question.sum.missed ||= life === question.sharing;
        if (question.waiting.size === 0) close(ask, question);
      }
    },
  };
}
