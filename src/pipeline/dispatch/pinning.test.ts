// Conversations with signed reasoning over keys of several organisations, at an upstream that takes a signature only from a key
// of the organisation that it was made with, and refuses it as the vendor does.
import { describe, expect, test } from 'vitest';
import { type FakeProvider, fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import type { ProviderKeyConfig } from '../../contracts/provider-config.ts';
import type { DialectName } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { createKeyRing } from '../../lanes/key-ring.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { createClocks } from '../clocks.ts';
import { quietDispatch } from './dispatch.fixture.ts';

const clock = { now: () => 0, wall: () => 0 };
const retries = { max: 3, backoffMs: 0, maxBackoffMs: 0, maxAttempts: 9 };
const MODEL = 'claude-sonnet-4-5';

const keys: ProviderKeyConfig[] = ['eu', 'eu', 'us', 'us'].map((organization, at) => ({
  value: `sk-${organization}-${at}`,
  alias: `${organization}-${at}`,
  weight: 1,
  models: [],
  organization,
}));

/** A vendor of Messages. `random` chooses among the keys of one organisation. */
function vendor(random: () => number, own = keys): FakeProvider {
  const provider = fakeProvider('anthropic', dialectByName('anthropic'), { keys: own, retries });
  const { lane, encode } = provider.target;
  Object.assign(lane, { keys: createKeyRing(own, { clock, random }) });
  Object.assign(encode, { maker: 'anthropic', model: MODEL });
  return provider;
}

type Turn = { role: string; content: unknown } & JsonObject;

interface Answered {
  status: number;
  body: JsonObject;
  adapted: string;
  /** Organisation of the key of each attempt. */
  asked: string[];
}

function ask(
  provider: FakeProvider,
  dialect: DialectName,
  messages: Turn[],
  busy: (key: string) => boolean = () => false,
): Answered {
  const clocks = createClocks(clock);
  const dispatch = quietDispatch(clocks, []);
  const body = { model: MODEL, max_tokens: 99, messages, metadata: { user_id: 'u' } };
  const { call, sink } = fakeCall(dialect, body, [provider]);
  provider.requests.length = 0;
  void dispatch(call);
  const asked: string[] = [];
  for (let at = 0; at < provider.requests.length; at++) {
    const { sent, request } = provider.requests[at]!;
    const key = String(request.headers['authorization']).replace('Bearer ', '');
    const organization = key.split('-')[1]!;
    asked.push(organization);
    const text = sent.toString();
    const foreign = [...text.matchAll(/"signature":"([^"]*)"/g)].some(
      ([, sig]) => sig !== `by ${organization}`,
    );
    if (busy(key)) refuse(provider, at, 429, 'rate_limit_error', 'slow down');
    else if (foreign || text.includes('hg1.'))
      refuse(
        provider,
        at,
        400,
        'invalid_request_error',
        'messages.1.content.0: Invalid `signature` in `thinking` block',
      );
    else
      provider.requests[at]!.json(200, {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: MODEL,
        content: [
          { type: 'thinking', thinking: 'hm', signature: `by ${organization}` },
          { type: 'text', text: 'so' },
        ],
        stop_reason: 'end_turn',
        usage: { input_tokens: 1, output_tokens: 1 },
      });
  }
  clocks.close();
  return {
    status: sink.status,
    body: JSON.parse(sink.body) as JsonObject,
    adapted: sink.headers['x-headgate-adapted'] ?? '',
    asked,
  };
}

function refuse(provider: FakeProvider, at: number, status: number, type: string, message: string): void {
  provider.requests[at]!.json(status, { type: 'error', error: { type, message } });
}

const user = (text: string): Turn => ({ role: 'user', content: text });
const messageOf = ({ body }: Answered, dialect: DialectName): Turn => {
  if (dialect === 'anthropic') return { role: 'assistant', content: body['content'] };
  const [choice] = body['choices'] as unknown as [{ message: Turn }];
  return choice.message;
};

describe.each(['anthropic', 'openai-chat'] as const)('a conversation of a client of %s', (dialect) => {
  test('stays at one organisation for fifty turns, whatever key of it is used', () => {
    let chance = 0;
    const provider = vendor(() => (chance = (chance + 0.37) % 1));
    const messages = [user('hi')];
    const all = new Set<string>();
    for (let turn = 0; turn < 50; turn++) {
      const answered = ask(provider, dialect, messages);
      expect([answered.status, answered.adapted, answered.asked.length]).toEqual([200, '', 1]);
      all.add(answered.asked[0]!);
      messages.push(messageOf(answered, dialect), user(`more ${turn}`));
    }
    expect(all.size).toBe(1);
  });

  test('goes on at another when its own cannot, without what that one would refuse, and says so', () => {
    const provider = vendor(() => 0);
    const begun = ask(provider, dialect, [user('hi')]);
    const home = begun.asked[0]!;
    const messages = [user('hi'), messageOf(begun, dialect), user('more')];
    const answered = ask(provider, dialect, messages, (key) => key.includes(home));
    expect(answered.status).toBe(200);
    expect(answered.asked.at(-1)).not.toBe(home);
    expect(answered.adapted).toContain('thinking');
  });

  test('that was begun with keys that are gone is served without its proofs', () => {
    const begun = ask(
      vendor(() => 0),
      dialect,
      [user('hi')],
    );
    const others = keys.map((key) => ({
      ...key,
      value: key.value.replace('sk-', 'sk-x'),
      organization: `x${key.organization}`,
    }));
    const messages = [user('hi'), messageOf(begun, dialect), user('more')];
    const answered = ask(
      vendor(() => 0, others),
      dialect,
      messages,
    );
    expect([answered.status, answered.adapted.includes('thinking')]).toEqual([200, true]);
    // A wrapped proof says whose it is: nobody is asked in vain.
    expect(answered.asked).toHaveLength(dialect === 'anthropic' ? 2 : 1);
  });
});

test('a refusal that stays is told once the proofs are out', () => {
  const provider = vendor(() => 0);
  const clocks = createClocks(clock);
  const { call, sink } = fakeCall('anthropic', { model: MODEL, max_tokens: 9, messages: [user('hi')] }, [
    provider,
  ]);
  void quietDispatch(clocks, [])(call);
  const message = 'Invalid `signature` in `thinking` block';
  for (let at = 0; at < provider.requests.length; at++)
    refuse(provider, at, 400, 'invalid_request_error', message);
  expect(provider.requests).toHaveLength(2);
  expect(sink.status).toBe(400);
  expect(sink.body).toContain(message);
  clocks.close();
});
