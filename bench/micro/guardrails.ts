// What local checks cost: fifty patterns of a configuration over a text without what they look for, and our own beside them; a
// stream through a hold-back over one without.
// Run: scripts/node node bench/micro/guardrails.ts

import { DEFAULT_GUARDRAIL } from '../../src/config/schema/defaults.ts';
import { PII_ENTITIES } from '../../src/contracts/guardrail.ts';
import { type Detector, Finder } from '../../src/guardrails/detector.ts';
import { compileGuard } from '../../src/guardrails/guard.ts';
import { SchemaBook } from '../../src/guardrails/json-schema.ts';
import { OutputFilter } from '../../src/guardrails/output-filter.ts';
import { piiDetectors } from '../../src/guardrails/pii.ts';
import { Placeholders } from '../../src/guardrails/placeholders.ts';
import { Redactor } from '../../src/guardrails/redactor.ts';
import { GuardRun } from '../../src/guardrails/run.ts';
import { secretDetectors } from '../../src/guardrails/secrets.ts';
import { patternOf } from '../../src/guardrails/user-pattern.ts';
import type { LateOut } from '../../src/pipeline/answer/aside-relay.ts';
import { openRelay } from '../../src/pipeline/answer/open-relay.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { createEventRoom } from '../../src/upstream/event-room.ts';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import { measure, report } from './measure.ts';

const WORDS =
  'the model answers that every request passes through one gate and each lane has its own flow of water ';
const text = (chars: number): string => WORDS.repeat(Math.ceil(chars / WORDS.length)).slice(0, chars);
const patterns: Detector[] = Array.from({ length: 50 }, (_, i) =>
  patternOf(`proj${String.fromCharCode(97 + (i % 26))}${i}-[0-9]{4}`, 64),
);
const fifty = new Finder(patterns);
const own = new Finder([...secretDetectors(true), ...piiDetectors(PII_ENTITIES)]);
const small = text(1_024);
const large = text(65_536);
/** What configurations have: words, numbers in a form, alternatives, any case. */
const KINDS = [
  '\\b\\d{3}-\\d{2}-\\d{4}\\b',
  '(?i)internal[ -]only',
  'ticket|incident',
  'acme-[a-z]+-[0-9]+',
  '[A-Z]{2}\\d{6}',
];
const mixed = new Finder(
  Array.from({ length: 50 }, (_, i) =>
    patternOf(KINDS[i % 5]!.replace('acme', `${String.fromCharCode(97 + (i % 26))}cme${i}`), 64),
  ),
);
const tokens = small.match(/\s*\S+/g)!;
const stars = () => '*';

function stream(finder: Finder): number {
  const redactor = new Redactor(finder, stars);
  let chars = 0;
  for (const token of tokens) chars += redactor.push(token).length;
  return chars + redactor.end().length;
}

const found = (finder: Finder, text: string) => () => (finder.first(text) === null ? 0 : 1);
report('fifty patterns, 1 KB', measure(found(fifty, small)), small.length);
report('fifty patterns, 64 KB', measure(found(fifty, large)), large.length);
report('secrets and PII, 1 KB', measure(found(own, small)), small.length);
report('secrets and PII, 64 KB', measure(found(own, large)), large.length);
report(
  `secrets and PII, ${tokens.length} tokens`,
  measure(() => stream(own)),
  small.length,
);
report('fifty patterns of many kinds, 1 KB', measure(found(mixed, small)), small.length);
report('fifty patterns of many kinds, 64 KB', measure(found(mixed, large)), large.length);

// A stream as it goes through a call: bytes as they come, and with a hold-back of all our own checks.
const openai = dialectByName('openai-chat');
const { target } = fakeProvider('p', openai);
const room = createEventRoom(1 << 20);
const event = (delta: object, finish: string | null = null): Buffer =>
  Buffer.from(
    `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
  );
const pieces = [
  event({ role: 'assistant', content: '' }),
  ...tokens.map((content) => event({ content })),
  event({}, 'stop'),
  Buffer.from('data: [DONE]\n\n'),
];
const guard = compileGuard(
  {
    ...DEFAULT_GUARDRAIL,
    name: 'own',
    on: ['output'],
    when: {},
    action: 'redact',
    checks: [{ type: 'secrets' }, { type: 'pii' }],
  },
  new SchemaBook(),
);

function relayed(filtered: boolean): () => number {
  const asked = { model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] };
  return () => {
    const { call } = fakeCall('openai-chat', asked, []);
    if (filtered) {
      const run = new GuardRun({
        guards: [guard],
        placeholders: new Placeholders(Buffer.alloc(32), ''),
        schema: null,
      });
      call.filters = [() => new OutputFilter(run, null)];
    }
    let bytes = 0;
    const out: LateOut = {
      gated: false,
      write: (written) => {
        bytes += written.length;
      },
      hold() {},
      late() {},
      faulted: () => {
        throw new Error('not here');
      },
      malformed() {},
    };
    const relay = openRelay(call, openai, target, null, out, 1, room);
    for (const piece of pieces) relay.data(piece);
    relay.close();
    return bytes;
  };
}

report(`stream of ${pieces.length} events as bytes`, measure(relayed(false)));
report('the same with a hold-back', measure(relayed(true)));
