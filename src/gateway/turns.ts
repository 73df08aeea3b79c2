// All that has to do with turns of Responses that are kept, put together: what requests build on, what runs in the background,
// what is kept when a call has settled, and the answers about it.
import { randomBytes } from 'node:crypto';
import { inspectBody } from '../body/inspect.ts';
import type { BodyFacts } from '../contracts/body.ts';
import type { Call } from '../contracts/call.ts';
import type { GatewayPorts } from '../contracts/gateway.ts';
import type { CallObserver } from '../contracts/ports.ts';
import { createStoredAnswers, type StoredAnswers } from '../http/routes/stored-answers.ts';
import { type Background, createBackground } from '../pipeline/background.ts';
import { createConversationLocks } from '../pipeline/conversation-locks.ts';
import { NOBODY } from './nobody.ts';
import { createCompact } from '../pipeline/compact.ts';
import type { StageEntries } from '../pipeline/flows.ts';
import { createKeep } from '../pipeline/keep.ts';
import { createRecall } from '../pipeline/recall.ts';
import type { Refuser } from '../pipeline/refuse.ts';
import type { Settle } from '../pipeline/settle.ts';
import { dialectByName } from '../registry/dialects.ts';
import { createKeeper } from '../responses/keeper.ts';
import { aloneIn } from './alone.ts';
import type { Effects } from './effects.ts';
import type { Metering } from './metering.ts';

export interface Turns {
  readonly stages: Pick<StageEntries, 'recall' | 'compact' | 'background'>;
  readonly background: Background;
  /** Reads the gauges. */
  measure(): void;
  /** In order: what became of a response in the background is known before it is kept. */
  readonly observers: readonly CallObserver[];
  answers(settle: Settle, refuse: Refuser): StoredAnswers;
}

export function createTurns(
  ports: GatewayPorts,
  { turns: store, headers, objects }: Effects,
  { recorder }: Metering,
): Turns {
  const { clock, offload, siblings, directory } = ports;
  const alone = aloneIn(directory);
  const wall = (): number => clock.wall();
  const locks = createConversationLocks((config) => ports.claims?.(config) ?? NOBODY);
  const background = createBackground({ store, wall, inspect: inspectBody });

  const kept = recorder.gauge('headgate_kept_responses', []);
  const keptBytes = recorder.gauge('headgate_kept_responses_bytes', []);
  const running = recorder.gauge('headgate_background_responses', []);

  function inspect(call: Call, body: Buffer): BodyFacts | Promise<{ body: Buffer; facts: BodyFacts }> {
    if (offload === null || body.length < call.snapshot.config.server.offloadBytes) return inspectBody(body);
    const abort = new AbortController();
    const work = { cancel: () => abort.abort() };
    call.begin(work);
    return offload.inspect(body, false, abort.signal).finally(() => call.finish(work));
  }

  const needed: StageEntries['background']['needed'] = ({ config }) => config.responses.store !== 'off';
  return {
    stages: {
      recall: { stage: createRecall({ store, locks, alone, randomBytes, inspect }) },
      compact: { stage: createCompact({ inspect: inspectBody, randomBytes, wall }) },
      background: { stage: background.stage, needed },
    },
    background,
    measure() {
      const { size, bytes } = store.shelf;
      kept.set(size);
      keptBytes.set(bytes);
      running.set(background.size);
    },
    observers: [background, createKeep(store, wall, locks, objects), locks],
    answers: (settle, refuse) =>
      createStoredAnswers({
        store,
        locks,
        siblings,
        keeper: createKeeper({ dialect: dialectByName, headers: headers.own }),
        stop: (owner, id) => background.stop(owner, id),
        eventsOf: (owner, id) => background.eventsOf(owner, id),
        dialect: dialectByName('openai-responses'),
        randomBytes,
        wall,
        settle,
        refuse,
        alone,
      }),
  };
}
