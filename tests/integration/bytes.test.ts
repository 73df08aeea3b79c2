// The byte path, compared as raw bytes at both ends: what the client wrote reaches the upstream, and what the upstream
// wrote reaches the client, apart from the values the gateway owns.
import { describe, expect, test } from 'vitest';
import { call, chatPath, messagesPath, open } from '../kit/client.ts';
import { useGateway } from '../kit/harness.ts';
import { mockAnthropic } from '../kit/mock-anthropic.ts';
import { mockOpenai } from '../kit/mock-openai.ts';

const harness = useGateway({
  models: { fast: { targets: ['oa/ok'] } },
  oa: { models: ['*'] },
});

const oddities =
  '"x_big":12345678901234567890,"x_float": 1.0 ,\t"x_exp":1e3,"x_neg":-0,"x_empty":{},"x_list":[ ],"x_null":null,"x_s":"",' +
  '"x_escape":"caf\\u00e9 \\ud83d\\ude00 \\/ é 😀","metadata":{"model":"oa/ok","stream":"true","fallbacks":"kept"}';

/** A request as nobody's serialiser would write it. */
const oddChat = (model: string, tail = '') =>
  ` {\r\n  "temperature" : 0.70, ${oddities},\n "messages":[{"content":"hi \\n","role":"user","x":0}] ,"model" :"${model}"${tail}}\n`;

const oddMessages = (model: string, tail = '') =>
  ` {"max_tokens":100, ${oddities} ,"model"  : "${model}","system":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"hi"}]${tail} }`;

const upstreamBody = () => harness.mock.lastRequest().body.toString();

describe('requests', () => {
  test.each([
    ['OpenAI', chatPath, oddChat, 'oa'],
    ['Anthropic', messagesPath, oddMessages, 'an'],
  ])('%s: every byte but the model name arrives as written', async (_, path, body, provider) => {
    const answer = await call(harness, path, { body: body(`${provider}/ok`) });
    expect(answer.status).toBe(200);
    // The metadata holds the public name too, and must keep it.
    expect(upstreamBody()).toBe(body('ok'));
  });

  test('thinking that we wrote for another provider is left out on the way to Claude, and that is said', async () => {
    const body = (model: string, thinking: string): string =>
      `{"max_tokens":9,"model":"${model}", "x": 1.0,"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":[${thinking} {"type":"text","text":"a"}]},{"role":"user","content":"more"}] }`;
    const unsigned = '{"type":"thinking","thinking":"hm","signature": ""} ,';
    const mended = await call(harness, messagesPath, { body: body('an/claude-y', unsigned) });
    expect(mended.status).toBe(200);
    expect(mended.headers['x-headgate-adapted']).toBe('messages[].content[].thinking');
    expect(upstreamBody()).toBe(body('claude-y', '').replace('[ {"type":"text"', '[{"type":"text"'));
    const signed = '{"type":"thinking","thinking":"hm","signature":"SIG"} ,';
    const kept = await call(harness, messagesPath, { body: body('an/claude-y', signed) });
    expect(kept.headers['x-headgate-adapted']).toBeUndefined();
    expect(upstreamBody()).toBe(body('claude-y', signed));
  });

  test('a model name with escapes is replaced where it stands', async () => {
    await call(harness, chatPath, { body: oddChat('o\\u0061/ok') });
    expect(upstreamBody()).toBe(oddChat('ok'));
  });

  test('a stream with usage asked for goes up byte for byte', async () => {
    const tail = ',"stream_options":{ "include_usage" : true,"x_more":[1.0]},"stream":true';
    await call(harness, chatPath, { body: oddChat('oa/ok', tail) });
    expect(upstreamBody()).toBe(oddChat('ok', tail));
  });

  test('a stream without usage asked for only gains that wish', async () => {
    await call(harness, chatPath, { body: oddChat('oa/ok', ',"stream":true') });
    const sent = upstreamBody();
    expect(JSON.parse(sent)).toMatchObject({ stream_options: { include_usage: true }, stream: true });
    expect(sent.replace(/"stream_options":\{"include_usage":true\},?/, '').replace(/,(\s*\})/, '$1')).toBe(
      oddChat('ok', ',"stream":true'),
    );
  });

  test('an Anthropic stream goes up byte for byte', async () => {
    const tail = ',"stream": true';
    await call(harness, messagesPath, { body: oddMessages('an/ok', tail) });
    expect(upstreamBody()).toBe(oddMessages('ok', tail));
  });

  test.each([
    ['first', '{"fallbacks":["an/ok"],"model":"oa/ok","messages":[{"role":"user","content":"x"}]}'],
    [
      'in the middle',
      '{"model":"oa/ok", "fallbacks" : [ "an/ok" ] ,"messages":[{"role":"user","content":"x"}]}',
    ],
    ['last', '{"model":"oa/ok","messages":[{"role":"user","content":"x"}], "fallbacks":["an/ok"]}'],
  ])('the gateway field `fallbacks` is taken out, %s', async (_, body) => {
    const answer = await call(harness, chatPath, { body });
    expect(answer.status).toBe(200);
    expect(JSON.parse(upstreamBody())).toEqual({ model: 'ok', messages: [{ role: 'user', content: 'x' }] });
  });

  test('an alias is replaced by the model it stands for', async () => {
    await call(harness, chatPath, { body: oddChat('fast') });
    expect(upstreamBody()).toBe(oddChat('ok'));
  });

  test('a body that arrives chunked and in pieces is the same', async () => {
    const body = oddChat('oa/ok');
    const answer = await call(harness, chatPath, {
      body,
      chunked: true,
    });
    expect(answer.status).toBe(200);
    expect(upstreamBody()).toBe(oddChat('ok'));
  });

  test('a body above the offload threshold is the same', async () => {
    const filler = `,"x_filler":"${'ä'.repeat(400_000)}"`;
    const answer = await call(harness, chatPath, { body: oddChat('oa/ok', filler) });
    expect(answer.status).toBe(200);
    expect(upstreamBody()).toBe(oddChat('ok', filler));
  });
});

describe('answers', () => {
  test.each([
    ['OpenAI', chatPath, 'oa', mockOpenai],
    ['Anthropic', messagesPath, 'an', mockAnthropic],
  ])('%s: a whole answer comes back byte for byte', async (_, path, provider, dialect) => {
    for (const variant of ['exotic', 'exotic+chunked', 'exotic+chunked+split:1', 'exotic+split:13']) {
      const answer = await call(harness, path, {
        body: { model: `${provider}/${variant}`, max_tokens: 10, messages: [{ role: 'user', content: 'x' }] },
      });
      expect(answer.status).toBe(200);
      expect(answer.text).toBe(dialect.exoticAnswer);
      expect(answer.headers['content-type']).toContain('application/json');
    }
  });

  test.each([
    ['OpenAI', chatPath, 'oa', mockOpenai],
    ['Anthropic', messagesPath, 'an', mockAnthropic],
  ])('%s: a stream comes back byte for byte, however it was cut', async (_, path, provider, dialect) => {
    for (const variant of ['exotic', 'exotic+split:1', 'exotic+split:7', 'exotic+split:64']) {
      const answer = await call(harness, path, {
        body: {
          model: `${provider}/${variant}`,
          max_tokens: 10,
          messages: [{ role: 'user', content: 'x' }],
          stream: true,
          ...(provider === 'oa' ? { stream_options: { include_usage: true } } : {}),
        },
      });
      expect(answer.status).toBe(200);
      expect(answer.text).toBe(dialect.exoticStream);
      expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
      expect(answer.headers['cache-control']).toContain('no-cache');
      expect(answer.headers['x-accel-buffering']).toBe('no');
      expect(answer.headers['content-length']).toBeUndefined();
    }
  });

  test('the usage chunk nobody asked for is the only thing left out', async () => {
    const answer = await call(harness, chatPath, {
      body: { model: 'oa/exotic', messages: [{ role: 'user', content: 'x' }], stream: true },
    });
    const withoutUsage = mockOpenai.exoticStream
      .split('\n\n')
      .filter((event) => !event.includes('"choices":[],'))
      .join('\n\n');
    expect(answer.text).toBe(withoutUsage);
  });

  test.each(['crlf', 'cr', 'comments', 'bom', 'one-write', 'crlf+split:1', 'cr+split:3', 'bom+split:1'])(
    'a stream spelled differently (%s) means the same to the client',
    async (spelling) => {
      for (const [path, provider] of [
        [chatPath, 'oa'],
        [messagesPath, 'an'],
        [chatPath, 'an'],
        [messagesPath, 'oa'],
      ] as const) {
        const answer = await call(harness, path, {
          body: {
            model: `${provider}/text:5+${spelling}`,
            max_tokens: 10,
            messages: [{ role: 'user', content: 'x' }],
            stream: true,
          },
        });
        expect(answer.text.match(/t[0-4]/g)).toEqual(['t0', 't1', 't2', 't3', 't4']);
        if (path === chatPath) expect(answer.events.at(-1)?.data).toBe('[DONE]');
        else expect(answer.events.at(-1)?.event).toBe('message_stop');
      }
    },
  );

  test.each([
    [chatPath, 'oa'],
    [messagesPath, 'an'],
    [chatPath, 'an'],
    [messagesPath, 'oa'],
  ])('tokens arrive one by one: %s to %s', async (path, provider) => {
    const receiving = open(harness, path, {
      body: {
        model: `${provider}/text:4+gate-after:1:${path === chatPath}${provider}`,
        max_tokens: 10,
        messages: [{ role: 'user', content: 'x' }],
        stream: true,
      },
    });
    await receiving.seen('t0');
    expect(receiving.text).not.toContain('t1');
    harness.mock.open(`${path === chatPath}${provider}`);
    expect((await receiving.whole()).text).toContain('t3');
  });

  test.each([
    [chatPath, 'oa', 'status:404:code=x_custom'],
    [messagesPath, 'an', 'status:400:type=x_custom_error'],
  ])('an upstream error body of the same dialect comes back as it was: %s', async (path, provider, model) => {
    const answer = await call(harness, path, {
      body: { model: `${provider}/${model}`, max_tokens: 10, messages: [{ role: 'user', content: 'x' }] },
    });
    expect(answer.status).toBe(Number(model.split(':')[1]));
    expect(answer.text).toContain('x_custom');
    expect(answer.text).toContain('mock says');
    if (provider === 'an')
      expect(answer.json).toMatchObject({ type: 'error', request_id: expect.any(String) });
  });

  test('rate-limit headers pass, cookies and server names do not', async () => {
    const answer = await call(harness, chatPath, {
      body: { model: 'oa/ok', messages: [{ role: 'user', content: 'x' }] },
    });
    expect(answer.headers['x-ratelimit-remaining-requests']).toBe('999');
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.headers['x-headgate-provider']).toBe('oa');
    expect(answer.headers['server-timing']).toBeTruthy();
  });
});

describe('headers towards the upstream', () => {
  test('only what belongs there goes up', async () => {
    await call(harness, chatPath, {
      body: { model: 'oa/ok', messages: [{ role: 'user', content: 'x' }] },
      headers: {
        cookie: 'session=1',
        'x-forwarded-for': '10.0.0.1',
        'x-api-key': 'client-secret',
        'accept-encoding': 'gzip, br',
        connection: 'keep-alive, x-hop',
        'x-hop': 'nominated',
        'proxy-authorization': 'Basic abc',
      },
    });
    const { headers } = harness.mock.lastRequest();
    for (const name of ['cookie', 'x-forwarded-for', 'x-api-key', 'x-hop', 'proxy-authorization'])
      expect(headers[name], name).toBeUndefined();
    expect(headers['content-type']).toContain('application/json');
    expect(headers['transfer-encoding']).toBeUndefined();
    expect(headers['accept-encoding'] ?? 'identity').toBe('identity');
  });
});
