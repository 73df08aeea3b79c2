// What a client of each dialect gets of an answer that a guardrail refuses: whole, in the middle of its stream, and where others
// refuse it who were asked beside.
import { describe, expect, it } from 'vitest';
import { DEFAULT_GUARDRAIL } from '../../config/schema/defaults.ts';
import type { DialectName } from '../../contracts/dialect-name.ts';
import type { GuardrailConfig } from '../../contracts/guardrail.ts';
import type { RemoteCheck } from '../../contracts/remote-check.ts';
import { principalOf } from '../../governance/principal.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { createEventRoom } from '../../upstream/event-room.ts';
import { fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import { readableFrames } from '../../../tests/kit/frames.ts';
import { openRelay } from '../answer/open-relay.ts';
import { quietOut } from '../answer/quiet-out.fixture.ts';
import { deliverAnswer } from '../answer/unary-answer.ts';
import { stageOf } from './guardrails.fixture.ts';

const REQUESTS: Readonly<Partial<Record<DialectName, object>>> = {
  'openai-chat': { model: 'm', messages: [{ role: 'user', content: 'hi' }] },
  'openai-responses': { model: 'm', input: 'hi' },
  anthropic: { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
  bedrock: { messages: [{ role: 'user', content: [{ text: 'hi' }] }] },
  cohere: { model: 'm', messages: [{ role: 'user', content: 'hi' }] },
};
/** How each says that an answer ended for its content, and an error behind the first bytes. */
const ENDS: readonly [DialectName, stopped: RegExp, error: RegExp][] = [
  ['openai-chat', /"finish_reason":"content_filter"/, /"error":\{/],
  [
    'openai-responses',
    /response\.incomplete[\s\S]*"reason":"content_filter"/,
    /"type":"(?:error|response\.failed)"/,
  ],
  ['anthropic', /"stop_reason":"refusal"/, /event: error/],
  ['gemini', /"finishReason":"SAFETY"/, /"error":\{/],
  ['bedrock', /"stopReason":"content_filtered"/, /exception/i],
  // It has no word for it but this one.
  ['cohere', /"finish_reason":"ERROR"/, /"error":"/],
];
const upstream = dialectByName('openai-chat');
const { target } = fakeProvider('p', upstream);

const guardrail = (more: Partial<GuardrailConfig>): GuardrailConfig => ({
  ...DEFAULT_GUARDRAIL,
  name: 'words',
  on: ['output'],
  when: {},
  checks: [{ type: 'keywords', words: ['evil'] }],
  ...more,
});

async function asked(dialect: DialectName, stream: boolean, config: GuardrailConfig, judge?: RemoteCheck) {
  const made = fakeCall(dialect, { ...REQUESTS[dialect], ...(stream ? { stream } : {}) }, []);
  const { call } = made;
  call.principal = principalOf({ name: 'key' });
  call.facts!.stream = stream;
  call.translated = dialect !== upstream.name;
  expect(await stageOf(config, null, judge)(call)).toBe('continue');
  return made;
}

/** The upstream's answer, as a stream of these pieces. */
async function streamed(
  dialect: DialectName,
  config: GuardrailConfig,
  pieces: readonly string[],
  judge?: RemoteCheck,
) {
  const { call, sink } = await asked(dialect, true, config, judge);
  const client = dialectByName(dialect);
  const out: Buffer[] = [];
  const write = sink.chunk.bind(sink);
  sink.chunk = (bytes) => {
    out.push(Buffer.from(bytes as Buffer));
    return write(bytes);
  };
  const relay = openRelay(
    call,
    client,
    target,
    null,
    quietOut((bytes) => void call.sink.chunk(bytes)),
    1,
    createEventRoom(1 << 20),
  );
  call.sink.start(200, [['content-type', client.chat.framing.contentType]]);
  const data = (event: object | string): void =>
    relay.data(Buffer.from(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`));
  const chunk = (delta: object, finish: string | null = null): object => ({
    id: 'c',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  for (const content of pieces) data(chunk({ content }));
  data(chunk({}, 'stop'));
  data({ id: 'c', choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } });
  data('[DONE]');
  call.sink.end();
  await expect.poll(() => sink.closed, { timeout: 20_000 }).toBe(true);
  const bytes = Buffer.concat(out);
  return { call, sink, text: client.chat.framing.name === 'sse' ? bytes.toString() : readableFrames(bytes) };
}

describe.each(ENDS)('a client of %s', (dialect, stopped, error) => {
  it('gets an error of its dialect in the place of a whole answer', async () => {
    const { call, sink } = await asked(dialect, false, guardrail({}));
    const body = {
      id: 'c',
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'so EVIL' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    };
    const made = deliverAnswer(
      call,
      dialectByName(dialect),
      target,
      null,
      Buffer.from(JSON.stringify(body)),
      1,
    );
    call.sink.reply(200, [['content-type', made.contentType]], made.body);
    expect(sink.status).toBe(400);
    expect(sink.body).not.toContain('EVIL');
    const shown = dialectByName(dialect).errors.decode(sink.status, sink.headers, Buffer.from(sink.body));
    expect(shown.message).toContain('`words`');
    expect(sink.headers['x-headgate-guardrails']).toBe('words=block;at=answer');
    // Nothing that was refused is kept, whatever a cache wants.
    expect(call.guard).toMatchObject({ refusedWith: 400, refusal: { code: 'GW_GUARDRAIL_BLOCKED' } });
  });

  it('gets a stream that ends in the middle, for its content, and nothing of what was found', async () => {
    for (const cut of [1, 2, 3]) {
      const word = ['E', 'V', 'I', 'L'];
      const pieces = [
        'all is fine, but ',
        word.slice(0, cut).join(''),
        word.slice(cut).join(''),
        ' and more',
      ];
      const { call, text } = await streamed(dialect, guardrail({}), pieces);
      expect(text).toContain('all is fine');
      expect(text).not.toMatch(/EV|VI|IL|and more/);
      expect(text).toMatch(stopped);
      expect(text).not.toMatch(error);
      expect(call.guard!.refusal).toMatchObject({ code: 'GW_GUARDRAIL_BLOCKED' });
    }
  });

  it('gets an error event where others refuse it who were asked beside', async () => {
    const refuses: RemoteCheck = ({ texts }) =>
      Promise.resolve(texts.join().includes('EVIL') ? { kind: 'block', reason: 'x' } : { kind: 'pass' });
    const config = guardrail({
      mode: 'beside',
      maxUnchecked: 20,
      checks: [{ type: 'moderation', model: 'm' }],
    });
    const pieces = ['all is fine here. ', `${'So it goes on and on, '.repeat(6)}EVIL. `, 'and more.'];
    const { call, sink, text } = await streamed(dialect, config, pieces, refuses);
    expect(sink.status).toBe(200);
    expect(text).toContain('all is fine');
    expect(text).not.toMatch(/EVIL|and more/);
    expect(text).toMatch(error);
    expect(call.guard!.refusal).toMatchObject({ code: 'GW_GUARDRAIL_BLOCKED' });
  });
});

it('an answer that is refused before its head was written is a stream all the same', async () => {
  const { call, sink } = await asked('openai-chat', true, guardrail({}));
  const relayed = call.filters[0]!(call);
  relayed.take({ kind: 'open', index: 0, block: 'text' }, () => undefined);
  relayed.take({ kind: 'text', index: 0, text: 'so EVIL it is' }, () => undefined);
  expect(call.guard!.refusal).toMatchObject({ code: 'GW_GUARDRAIL_BLOCKED' });
  call.sink.start(200, [['content-type', 'text/event-stream']]);
  call.sink.chunk('data: {}\n\n');
  call.sink.end();
  expect(sink).toMatchObject({ status: 200, body: 'data: {}\n\n', closed: true });
});
