// A dispatch whose surroundings are quiet: no limits, no threads, nobody who listens.
import { unlimited } from '../../../tests/kit/fake-call.ts';
import type { Stage } from '../../contracts/call.ts';
import type { CallObserver } from '../../contracts/ports.ts';
import { createRests } from '../../lanes/rests.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { createEventRoom } from '../../upstream/event-room.ts';
import type { Clocks } from '../clocks.ts';
import { createTokenCounter } from '../count.ts';
import { createRefuser } from '../refuse.ts';
import { createSettle } from '../settle.ts';
import { createUpstreamHeaders } from '../upstream-headers.ts';
import { createDispatch } from './dispatch.ts';
import type { DispatchDeps } from './dispatch-deps.ts';

/** @param change what is not quiet. */
export function quietDispatch(
  clocks: Clocks,
  observers: readonly CallObserver[],
  change: Partial<DispatchDeps> = {},
): Stage {
  const settle = createSettle(clocks, observers);
  const admission = change.admission ?? unlimited;
  return createDispatch({
    counter: createTokenCounter({
      count: () => Promise.resolve(7),
      settle,
      admission: unlimited,
      now: () => clocks.now(),
    }),
    clocks,
    headers: createUpstreamHeaders('test'),
    offload: null,
    media: null,
    dialect: dialectByName,
    refuse: createRefuser(dialectByName, settle, admission),
    settle,
    admission,
    refusals: createRests({
      clock: clocks,
      tell() {},
      cooled() {},
      passedBy() {},
      withheld() {},
      circuit() {},
    }),
    random: () => 0,
    serverTiming: () => '',
    overheadMs: () => 0,
    eventRoom: createEventRoom(1 << 24),
    ownObjects: (_call, _provider, delivered) => delivered,
    malformed() {},
    rescued() {},
    hedged() {},
    eased: () => false,
    ...change,
  });
}
