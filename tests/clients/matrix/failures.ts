// Scenarios of what goes wrong: each ends in an error of the SDK's own, never in a success.
import { expect } from 'vitest';
import { waitUntil } from '../../kit/wait.ts';
import type { Cell } from './cell.ts';

const ways = ['whole', 'streamed'] as const;

export const refused =
  (status: number) =>
  async (cell: Cell): Promise<void> => {
    const script = `status:${status}${status === 429 ? ':retry-after=7' : ''}`;
    for (const how of ways) {
      const failure = await cell.refusal(cell.ask(script), how);
      expect(failure.error).toBeInstanceOf(cell.client.errorClass(status));
      expect(failure.status).toBe(status);
      expect(failure.message).toContain(`mock says ${status}`);
      // What Gemini itself says of it stands in its body, which passes here as it is.
      if (status === 429 && !(cell.same && cell.client.dialect === 'gemini'))
        expect(failure.retryAfter).toBe('7');
    }
  };

export async function errorInStream(cell: Cell): Promise<void> {
  let heard = '';
  const failure = await cell.refusal(cell.ask('text:20+error-after:3'), 'streamed', {
    onText: (soFar) => (heard = soFar),
  });
  expect(heard).toBe('t0 t1 t2');
  expect(failure.message).toContain('broke in the middle');
}

export async function errorFirst(cell: Cell): Promise<void> {
  const failure = await cell.refusal(cell.ask('error-first:503'), 'streamed');
  expect(failure.message).toContain('the first event is an error');
}

/** However a stream breaks off: it closed, was reset, or broke inside of an event. */
export const cutStream =
  (fault: string) =>
  async (cell: Cell): Promise<void> => {
    let heard = '';
    await cell.refusal(cell.ask(`text:20+${fault}:3`), 'streamed', { onText: (soFar) => (heard = soFar) });
    expect('t0 t1 t2').toContain(heard);
  };

/** A call or a thought that breaks off is none. */
export async function cutInside(cell: Cell): Promise<void> {
  for (const script of [
    'parallel-tools+cut-fin-after:1',
    'thinking+end-after:2',
    'thinking+tools+no-finish+no-done',
  ])
    await cell.refusal(cell.ask(script), 'streamed');
}

export async function cutWhole(cell: Cell): Promise<void> {
  for (const fault of ['cut-cl', 'truncated-json', 'not-json', 'empty-200']) {
    const { status } = await cell.refusal(cell.ask(fault), 'whole');
    // AWS's status for what a model failed at.
    const late = cell.client.dialect === 'bedrock' ? status === 424 || status === 500 : status! >= 500;
    expect([fault, status, late]).toEqual([fault, status, true]);
  }
}

export async function abort(cell: Cell): Promise<void> {
  const script = 'text:500+pace:20';
  const leave = new AbortController();
  const reading = cell.client.streamed(cell.ask(script), {
    signal: leave.signal,
    onText: () => leave.abort(),
  });
  await reading.then(
    () => undefined,
    () => undefined,
  );
  expect(leave.signal.aborted).toBe(true);
  await waitUntil(() => cell.request(script).aborted, 'the upstream to be left', 10_000);
}

export async function unknownModel(cell: Cell): Promise<void> {
  for (const how of ways) {
    const ask = { ...cell.ask('ok'), model: 'nobody/has-this' };
    const failure = await cell.refusal(ask, how);
    expect(failure.error).toBeInstanceOf(cell.client.errorClass(404));
    expect(failure.message).toContain('nobody/has-this');
  }
}

/** What only the client's own API has, and the member that a refusal names. */
const only: Record<string, [extra: Record<string, unknown>, name: RegExp]> = {
  'openai-chat': [
    { audio: { voice: 'alloy', format: 'wav' }, modalities: ['text', 'audio'] },
    /audio|modalities/,
  ],
  'openai-responses': [{ tools: [{ type: 'web_search' }] }, /tools|web_search/],
  anthropic: [{ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, /tools/],
  gemini: [{ cachedContent: 'cachedContents/abc' }, /cachedContent/],
  bedrock: [{ guardrailConfig: { guardrailIdentifier: 'abc', guardrailVersion: '1' } }, /guardrailConfig/],
  cohere: [{ logprobs: true }, /logprobs/],
};

export async function unsupported(cell: Cell): Promise<void> {
  const [extra, name] = only[cell.client.dialect]!;
  const ask = cell.ask('ok', { extra });
  if (cell.same) {
    await cell.client.whole(ask);
    expect(cell.request('ok').body.toString()).toMatch(name);
    return;
  }
  for (const how of ways) {
    const failure = await cell.refusal(ask, how);
    expect(failure.error).toBeInstanceOf(cell.client.errorClass(400));
    expect(failure.message).toMatch(name);
  }
}

export async function nothingSaid(cell: Cell): Promise<void> {
  for (const how of ways) {
    const failure = await cell.refusal(cell.ask('ok', { turns: [] }), how);
    expect(failure.error).toBeInstanceOf(cell.client.errorClass(400));
    expect(failure.message).toMatch(/messages|contents|input/);
  }
}
