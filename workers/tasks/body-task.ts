// Runs in a piscina thread: one task on one body. Holds no state; the work itself is in src/body and src/tokens.
import { inspectBody } from '../../src/body/inspect.ts';
import { normaliseBody } from '../../src/body/normalise.ts';
import { translateBody } from '../../src/body/translate.ts';
import type { BodyTask } from '../../src/contracts/body.ts';
import { GatewayError } from '../../src/contracts/errors.ts';
import type { JsonObject } from '../../src/contracts/json.ts';
import { dialectByName } from '../../src/dialects/registry.ts';
import { ratioFor } from '../../src/tokens/model-ratio.ts';
import { countPromptTokens } from '../../src/tokens/prompt.ts';
import { loadTokenizer } from '../../src/tokens/tokenizer.ts';
import { movedBack } from '../thread-pool.ts';
import { packError, type TaskAnswer } from './task-answer.ts';

type Task = BodyTask | { op: 'warm' };

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
    case 'inspect':
      return inspect(asBuffer(task.body), task.normalise);
    case 'translate': {
      const { exotic, from, to, target } = task;
      const body = asBuffer(task.body);
      return {
        op: 'translate',
        encoded: translateBody(body, exotic, dialectByName(from), dialectByName(to), target),
      };
    }
    case 'count':
      return count(asBuffer(task.body), task);
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

async function count(body: Buffer, { dialect, model }: BodyTask & { op: 'count' }): Promise<TaskAnswer> {
  // The tokenizer is big: it is loaded when something is counted for the first time.
  const tokenizer = await loadTokenizer();
  const request = JSON.parse(body.toString('utf8')) as JsonObject;
  const tokens = countPromptTokens(request, dialect, tokenizer);
  return { op: 'count', tokens: Math.ceil(tokens * ratioFor(model).ratio) };
}

function asBuffer(body: Uint8Array): Buffer {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
