// Questions of one worker to all others, and their answers back as one: what any of them has.
import type { SiblingWish } from '../../src/contracts/response-ports.ts';
import { behindReads, type Deadline } from '../../src/ipc/behind-reads.ts';
import type { Life } from '../crew/life.ts';

/** A worker that says nothing by then says nothing. */
const WAIT_MS = 2_500;

interface Question {
  readonly from: Life;
  readonly id: number;
  readonly wish: SiblingWish;
  readonly found: (string | null)[];
  readonly waiting: Set<Life>;
  readonly timer: Deadline;
}

export interface SiblingRelay {
  seek(from: Life, id: number, wish: SiblingWish, owner: string, ids: string[]): void;
  sought(from: Life, ask: number, found: (string | null)[]): void;
  /** It answers nothing any more. */
  leave(life: Life): void;
}

/** @param lives all that there are. */
export function createSiblingRelay(lives: () => readonly Life[], waitMs = WAIT_MS): SiblingRelay {
  const open = new Map<number, Question>();
  let last = 0;

  function close(ask: number, { from, id, found, timer }: Question): void {
    timer.clear();
    open.delete(ask);
    from.send({ t: 'found', id, found });
  }

  return {
    seek(from, id, wish, owner, ids) {
      const others = lives().filter((life) => life !== from && life.state !== 'loading');
      const ask = ++last;
      const question: Question = {
        from,
        id,
        wish,
        found: ids.map(() => null),
        waiting: new Set(others),
        timer: behindReads(waitMs, () => close(ask, question)).unref(),
      };
      open.set(ask, question);
      for (const life of others) life.send({ t: 'seek', ask, wish, owner, ids });
      if (others.length === 0) close(ask, question);
    },
    sought(from, ask, found) {
      const question = open.get(ask);
      if (question === undefined || !question.waiting.delete(from)) return;
      if (question.wish === 'newest') question.found.push(...found);
      else for (const at of question.found.keys()) question.found[at] ??= found[at] ?? null;
      if (question.waiting.size === 0 || isWhole(question)) close(ask, question);
    },
    leave(life) {
      for (const [ask, question] of open) {
        if (question.from === life) {
          question.timer.clear();
          open.delete(ask);
        } else if (question.waiting.delete(life) && question.waiting.size === 0) close(ask, question);
      }
    },
  };
}

/** Nobody who still has to answer can add anything. */
function isWhole({ wish, found }: Question): boolean {
  return wish !== 'newest' && wish !== 'drop' && !found.includes(null);
}
