// Runs in a piscina thread: one task on one body. Holds no state; the work itself is in src/body and src/tokens.
import { inspectBody } from '../../src/body/inspect.ts';
import { normaliseBody } from '../../src/body/normalise.ts';
import { scan } from '../../src/cache/semantic/scan.ts';
import type { BodyTask } from '../../src/contracts/body.ts';
import type { GuardFinds, GuardLook } from '../../src/contracts/guard-look.ts';
import { GatewayError } from '../../src/contracts/errors.ts';
import type { VectorScan } from '../../src/contracts/vectors.ts';
import { joinEmbeddings } from '../../src/dialects/join-embeddings.ts';
import { translateBody } from '../../src/dialects/translate.ts';
import { translateAnswer } from '../../src/dialects/translate-answer.ts';
import { faultsIn, placesIn } from '../../src/guardrails/look-aside.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { countBody } from '../../src/tokens/count-body.ts';
import { movedBack } from './piscina.ts';
import { packError, type TaskAnswer } from './task-answer.ts';

type Task =
  | BodyTask
  | { op: 'warm' }
  | { op: 'guard'; look: GuardLook }
  | { op: 'nearest'; wanted: VectorScan };

/** Does a task. Refusals are answers; anything thrown is a bug of ours. */
export default async function run(task: Task): Promise<TaskAnswer> {
  try {
    return await work(task);
  } catch (error) {
    if (error instanceof GatewayError) return { op: 'refused', error: packError(error) };
    throw error;
  }
}

function work(task: Task): TaskAnswer | Promise<TaskAnswer> {
  switch (task.op) {
    case 'warm':
      return { op: 'warm' };
    case 'nearest':
      return { op: 'nearest', hits: scan(task.wanted) };
    case 'guard':
      return { op: 'guard', finds: finds(task.look) };
    case 'inspect':
      return inspect(asBuffer(task.body), task.normalise);
    case 'translate': {
      const { exotic, from, to, target, operations } = task;
      const body = asBuffer(task.body);
      return {
        op: 'translate',
        encoded: translateBody(body, exotic, dialectByName(from), dialectByName(to), target, operations),
      };
    }
    case 'answer': {
      const { from, to, operations, context, tools } = task;
      const body = asBuffer(task.body);
      const made = translateAnswer(body, dialectByName(from), dialectByName(to), operations, context, tools);
      const bytes = Buffer.from(made.text);
      return movedBack({ op: 'answer', body: bytes, facts: made.facts }, bytes);
    }
    case 'join': {
      const { ends, counts, dialect, context } = task;
      const body = asBuffer(task.body);
      const bodies = ends.map((end, at) => body.subarray(ends[at - 1] ?? 0, end));
      const bytes = Buffer.from(joinEmbeddings(bodies, counts, dialectByName(dialect), context));
      return movedBack({ op: 'join', body: bytes }, bytes);
    }
    case 'count':
      // The tokenizer is big: it is loaded when something is counted for the first time.
      return countBody(asBuffer(task.body), task.dialect, task.model).then((tokens) => ({
        op: 'count',
        tokens,
      }));
  }
}

function inspect(body: Buffer, normalise: boolean): TaskAnswer {
  const facts = inspectBody(body);
  if (!normalise) return movedBack({ op: 'inspect', body, facts }, body);
  const normal = normaliseBody(body);
  const answer = {
    op: 'inspect',
    body: normal,
    facts: normal === body ? facts : inspectBody(normal),
  } as const;
  return movedBack(answer, normal);
}

function finds({ what, config, texts }: GuardLook): GuardFinds {
  return what === 'places'
    ? { what, places: placesIn(config, texts) }
    : { what, faults: faultsIn(config, texts) };
}

function asBuffer(body: Uint8Array): Buffer {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
