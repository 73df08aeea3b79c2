import { describe, expect, it } from 'vitest';
import type { Call } from '../../contracts/call.ts';
import type { CallGuard } from '../../contracts/call-guard.ts';
import type { BodyRule } from '../../contracts/log-config.ts';
import type { KeptBody } from '../../contracts/log-store.ts';
import type { Sink } from '../../contracts/sink.ts';
import { Placeholders } from '../../guardrails/placeholders.ts';
import { principalOf } from '../../governance/principal.ts';
import { settledCall } from '../settled-call.fixture.ts';
import { createBodyLog } from './body-log.ts';

const RULE: BodyRule = { keys: ['team-*'], routes: ['/v1/chat/*'], maxBytes: 10 };

function told(
  rules: BodyRule[],
  body: string | null,
  act: (sink: Sink, call: Call) => void,
  key = 'team-a',
): KeptBody[] {
  const kept: KeptBody[] = [];
  const log = createBodyLog(
    () => ({
      take: () => undefined,
      body: (one) => kept.push(one),
      flush: async () => undefined,
      counts: { dropped: 0, bytes: 0 },
    }),
    () => 7,
  );
  const call = settledCall();
  Object.assign(call.snapshot.config, { log: { bodies: rules } });
  Object.assign(call.snapshot, {
    mask: (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replaceAll('sk-1', '****'), 'latin1'),
  });
  call.body = body === null ? null : Buffer.from(body);
  const out: string[] = [];
  const sink = {
    reply: (_status: number, _headers: object, bytes: Buffer | string) => out.push(String(bytes)),
    start: () => undefined,
    chunk: (bytes: Buffer) => out.push(String(bytes)) > 0,
    end: () => undefined,
  } as unknown as Sink; // nothing else of it is used
  const tap = log.decorate(sink, call);
  // Who calls is known after the sink was made.
  call.principal = principalOf({ name: key });
  act(tap, call);
  log.observer.settled(call);
  return kept;
}

describe('bodies of a call', () => {
  it('are kept from their beginning, redacted and cut at a whole character, of whom the rules name', () => {
    const bodies = told([RULE], 'sk-1 äöü and more', (sink) => {
      sink.start(200, []);
      sink.chunk(Buffer.from('12345678'));
      sink.chunk('9äöü');
      sink.end();
    });
    expect(bodies).toMatchObject([
      {
        kind: 'request',
        bytes: 20,
        truncated: true,
        encoding: 'utf8',
        text: '**** äö',
        at: 7,
        call: 'req-1',
      },
      { kind: 'answer', bytes: 15, truncated: true, encoding: 'utf8', text: '123456789' },
    ]);
  });

  it('are not kept of others, nor where nothing is named', () => {
    const reply = (sink: Sink): void => sink.reply(200, [], 'answer');
    expect(told([RULE], 'ask', reply, 'other')).toEqual([]);
    expect(told([{ ...RULE, routes: ['/v1/messages'] }], 'ask', reply)).toEqual([]);
    expect(told([{ ...RULE, keys: null, routes: null }], 'ask', reply, 'other')).toHaveLength(2);
    expect(told([{ ...RULE, routes: ['*/completions'] }], 'ask', reply)).toHaveLength(2);
  });

  it('are kept of a client that left before its answer, and of a body that was freed before it was taken', () => {
    expect(told([RULE], 'ask', () => undefined)).toMatchObject([
      { kind: 'request', text: 'ask', truncated: false },
    ]);
    const freed = told([RULE], 'ask', (sink, call) => {
      sink.reply(200, [], 'ok');
      call.body = null;
    });
    expect(freed.map(({ text }) => text)).toEqual(['ask', 'ok']);
  });

  it('say placeholders where values of the request were given back, in arguments of tools too, and never half a secret at the cut', () => {
    const placeholders = new Placeholders(Buffer.alloc(32, 1), 'me');
    const [mail, who] = [placeholders.of('EMAIL', 'ada@example.com'), placeholders.of('PERSON', 'A "B" Ö')];
    const conceal = (call: Call): void => {
      call.guard = { concealBytes: (bytes: Buffer) => placeholders.concealBytes(bytes) } as CallGuard; // nothing else of it is used
    };
    const inArguments = JSON.stringify({ arguments: JSON.stringify({ to: 'A "B" Ö' }) });
    const [, answer] = told([{ ...RULE, maxBytes: 1_000 }], 'ask', (sink, call) => {
      conceal(call);
      sink.start(200, []);
      sink.chunk('mail ada@exa');
      sink.chunk(`mple.com ${inArguments}`);
    });
    expect(answer!.text).toBe(`mail ${mail} ${JSON.stringify({ arguments: JSON.stringify({ to: who }) })}`);
    for (const secret of ['ada@example.com', 'sk-proj-0123456789abcdef', 'sk-1'])
      for (const behind of ['', 'x'.repeat(10_000)])
        for (let at = 0; at <= 10; at++) {
          const body = `${' '.repeat(at)}${secret} ${behind}`;
          const [, { text }] = told([RULE], 'ask', (sink, call) => {
            conceal(call);
            sink.reply(200, [], body);
          }) as [KeptBody, KeptBody];
          expect(text.length).toBeLessThanOrEqual(10);
          expect(text.trim()).toMatch(/^(\*{0,4}|\[[A-Z_0-9a-f]*\]?)?( x*)?$/);
        }
  });

  it('say nothing that looks like a credential, whoever wrote it', () => {
    const [request] = told(
      [{ ...RULE, maxBytes: 1_000 }],
      'Ö use Bearer abcdef, AKIAABCDEFGHIJKLMNOP',
      (sink) => sink.reply(200, [], 'ok'),
    );
    expect(request!.text).toBe('Ö use ***, ***');
  });

  it('that are no text come as base64, a NUL as what stands for it', () => {
    const bodies = told([RULE], 'a\0b', (sink) => sink.reply(200, [], Buffer.from([0xff, 0xfe])));
    expect(bodies).toMatchObject([{ text: 'a\uFFFDb' }, { encoding: 'base64', text: '//4=' }]);
  });
});
