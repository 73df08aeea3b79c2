// What checks of texts do not see in answers: pictures that were drawn, speech, films, files.
import { describe, expect, it } from 'vitest';
import { DEFAULT_GUARDRAIL } from '../../config/schema/defaults.ts';
import type { CheckType, GuardrailConfig } from '../../contracts/guardrail.ts';
import type { OperationName } from '../../contracts/operation.ts';
import type { RemoteCheck } from '../../contracts/remote-check.ts';
import { beginsAsText } from './answer-media.ts';
import { callOf, stageOf } from './guardrails.fixture.ts';

const CHECKS = { pii: {}, keywords: { words: ['evil'] }, moderation: { model: 'm' } } as const;

const guardrail = (
  type: CheckType & keyof typeof CHECKS,
  more: Partial<GuardrailConfig> = {},
): GuardrailConfig => ({
  ...DEFAULT_GUARDRAIL,
  name: type,
  on: ['output'],
  when: {},
  checks: [{ type, ...CHECKS[type] } as GuardrailConfig['checks'][number]],
  ...more,
});

/** A call whose answer the guardrail looks at. */
async function looked(name: OperationName, config: GuardrailConfig, judge?: RemoteCheck) {
  const made = callOf(name, { model: 'm', prompt: 'fine', input: 'fine' });
  expect(await stageOf(config, null, judge)(made.call)).toBe('continue');
  const given = () => expect.poll(() => made.sink.closed, { timeout: 20_000 }).toBe(true);
  return { ...made, given };
}

const json = [['content-type', 'application/json']] as const;
const drawn = {
  created: 1,
  data: [{ b64_json: 'QUJD' }, { url: 'https://example.com/a.png', revised_prompt: 'a gate' }],
};
const pictures = ['data:image/png;base64,QUJD', 'https://example.com/a.png'];
const UNCHECKED = { at: 'answer', action: 'unchecked' };

describe('pictures that a model drew', () => {
  it('are said to be unchecked by who looks at texts, and refused where the guardrail says so', async () => {
    const noted = await looked('image', guardrail('pii'));
    noted.call.sink.reply(200, json, JSON.stringify(drawn));
    expect(JSON.parse(noted.sink.body)).toEqual(drawn);
    expect(noted.sink.headers['x-headgate-guardrails']!.split(', ').sort()).toEqual([
      'pii=pass;at=answer',
      'pii=unchecked;at=answer',
    ]);
    const refused = await looked('image', guardrail('pii', { media: 'refuse' }));
    refused.call.sink.reply(200, json, JSON.stringify(drawn));
    expect(refused.sink.status).toBe(400);
    expect(refused.sink.body).toContain('pictures, sound or files');
    expect(refused.sink.body).not.toContain('QUJD');
    expect(refused.call.guard!.refusal).toMatchObject({ code: 'GW_GUARDRAIL_UNREADABLE' });
  });

  it.each(['before', 'beside'] as const)(
    'are looked at by a model that sees them, %s they go on',
    async (mode) => {
      const seen: string[][] = [];
      const sees: RemoteCheck = ({ images, side }) => {
        seen.push([side, ...images]);
        return Promise.resolve(images.length > 0 ? { kind: 'block', reason: 'violence' } : { kind: 'pass' });
      };
      const { call, sink, given } = await looked(
        'image',
        guardrail('moderation', { mode, media: 'refuse' }),
        sees,
      );
      call.sink.reply(200, json, JSON.stringify(drawn));
      await given();
      expect(seen).toContainEqual(['answer', ...pictures]);
      expect(sink.status).toBe(400);
      expect(sink.body).not.toContain('QUJD');
      expect(sink.headers['x-headgate-guardrails']).toBe('moderation=block;at=answer');
    },
  );

  it('go on where that model lets them, said to be looked at', async () => {
    const passes: RemoteCheck = () => Promise.resolve({ kind: 'pass' });
    const { call, sink, given } = await looked('image', guardrail('moderation', { media: 'refuse' }), passes);
    call.sink.reply(200, json, JSON.stringify(drawn));
    await given();
    expect(JSON.parse(sink.body)).toEqual(drawn);
    expect(sink.headers['x-headgate-guardrails']).toBe('moderation=pass;at=answer');
  });

  it('count in events, too: none goes on before it was seen', async () => {
    const { call, sink, given } = await looked('image', guardrail('keywords', { media: 'refuse' }));
    call.sink.start(200, [['content-type', 'text/event-stream']]);
    call.sink.chunk('data: {"type":"image_generation.partial_image","b64_json":"QUJD"}\n\n');
    expect(sink.body).toBe('');
    call.sink.end();
    await given();
    expect(sink.status).toBe(400);
    expect(sink.body).not.toContain('QUJD');
  });
});

describe('what is bytes alone', () => {
  const sound = Buffer.from([0xff, 0xfb, 0x90, 0x00, 0x01]);

  it.each<[OperationName, string]>([
    ['speech', 'audio/mpeg'],
    ['video-content', 'video/mp4'],
    ['file-content', 'application/pdf'],
    ['file-content', 'application/octet-stream'],
    ['passthrough', 'image/png'],
  ])('of %s as %s is said to be unchecked, and comes as it came', async (name, type) => {
    const { call, sink } = await looked(name, guardrail('pii'));
    call.sink.start(200, [['content-type', type]]);
    call.sink.chunk(sound);
    call.sink.end();
    expect(sink.status).toBe(200);
    expect(sink.bytesOut).toBe(sound.length);
    expect(call.guardrails).toContainEqual({ name: 'pii', ...UNCHECKED });
  });

  it.each<[OperationName, string]>([
    ['speech', 'audio/mpeg'],
    ['video-content', 'video/mp4'],
    ['file-content', 'application/octet-stream'],
  ])('of %s as %s is refused before its first byte where the guardrail says so', async (name, type) => {
    for (const whole of [true, false]) {
      const { call, sink } = await looked(name, guardrail('pii', { media: 'refuse' }));
      if (whole) call.sink.reply(200, [['content-type', type]], sound);
      else {
        call.sink.start(200, [['content-type', type]]);
        call.sink.chunk(sound);
        call.sink.end();
      }
      expect(sink.status).toBe(400);
      expect(sink.replies).toBe(1);
      expect(JSON.parse(sink.body)).toHaveProperty('error');
      expect(sink.headers['x-headgate-guardrails']).toContain('pii=unchecked;at=answer');
    }
  });

  it('a picture is collected for who sees it', async () => {
    const seen: string[] = [];
    const sees: RemoteCheck = ({ images }) => {
      seen.push(...images);
      return Promise.resolve({ kind: 'block', reason: 'x' });
    };
    const { call, sink, given } = await looked('passthrough', guardrail('moderation'), sees);
    call.sink.start(200, [['content-type', 'image/png']]);
    call.sink.chunk(sound.subarray(0, 2));
    call.sink.chunk(sound.subarray(2));
    call.sink.end();
    await given();
    expect(seen).toEqual([`data:image/png;base64,${sound.toString('base64')}`]);
    expect(sink.status).toBe(400);
  });

  it('what does not say what it is, is text where it begins so: lines of a batch', async () => {
    const { call, sink, given } = await looked('file-content', guardrail('keywords', { action: 'redact' }));
    call.sink.start(200, [['content-type', 'application/octet-stream']]);
    for (const piece of ['{"custom_id":"a","body":"so EV', 'IL"}\n{"custom_id":"b"}\n'])
      call.sink.chunk(piece);
    call.sink.end();
    await given();
    expect(sink.body).toBe('{"custom_id":"a","body":"so [KEYWORD]"}\n{"custom_id":"b"}\n');
    expect(call.guardrails).not.toContainEqual({ name: 'keywords', ...UNCHECKED });
  });
});

it('a beginning is text also where it ends within a character', () => {
  const text = Buffer.from('héllo 🙂');
  for (let cut = 0; cut <= text.length; cut++) expect(beginsAsText(text.subarray(0, cut))).toBe(true);
  expect(beginsAsText(Buffer.from([0x50, 0x4b, 3, 4, 0]))).toBe(false);
  expect(beginsAsText(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x41, 0x42]))).toBe(false);
});
