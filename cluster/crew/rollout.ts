// Rolling restart: one slot at a time, the successor first. The old worker is drained only when the new one serves, so
// the listeners of the group never get fewer.
import type { Log } from '../../src/observability/log.ts';
import type { DrainOrder } from './life.ts';
import type { Supervisor } from './supervisor.ts';

export type RollOutcome = 'done' | 'stopped' | 'busy';

export interface Roller {
  /** Replaces every worker. `busy`: a roll is under way already; `stopped`: a successor did not get to serve. */
  roll(order: () => DrainOrder): Promise<RollOutcome>;
  readonly rolling: boolean;
  /** The gateway shuts down: no further slot is begun. */
  stop(): void;
}

export function createRoller(supervisor: Supervisor, log: Log): Roller {
  let rolling = false;
  let stopped = false;

  async function replaceAll(order: () => DrainOrder): Promise<RollOutcome> {
    for (const slot of [...supervisor.slots()]) {
      if (stopped) return 'stopped';
      if (slot.retired) continue;
      const next = supervisor.begin(slot.index);
      // The watchdog ends a successor that does not get ready, so this resolves.
      if (!(await next.served)) {
        log.error({ worker: slot.index }, 'rolling restart stopped: the new worker did not get ready');
        return 'stopped';
      }
      if (stopped || slot.retired) {
        supervisor.drain(next, order());
        continue;
      }
      const old = slot.promote(next);
      if (old === null) continue;
      supervisor.drain(old, order());
      // One at a time also when streams keep the old one for minutes: two generations of one worker fit in memory.
      await old.gone;
    }
    return 'done';
  }

  return {
    get rolling() {
      return rolling;
    },
    async roll(order): Promise<RollOutcome> {
      if (rolling) return 'busy';
      rolling = true;
      try {
        return await replaceAll(order);
      } finally {
        rolling = false;
      }
    },
    stop(): void {
      stopped = true;
    },
  };
}
