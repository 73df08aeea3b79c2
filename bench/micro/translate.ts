// What another dialect costs: a request body from one to the other by size, and an answer back.
// Run: scripts/node node bench/micro/translate.ts

import { inspectBody } from '../../src/body/inspect.ts';
import { parseLossless } from '../../src/body/lossless.ts';
import type { EncodeTarget } from '../../src/contracts/body.ts';
import { UNKNOWN_CAPABILITIES } from '../../src/contracts/capability.ts';
import type { AnswerContext } from '../../src/contracts/dialect.ts';
import type { DialectName } from '../../src/contracts/dialect-name.ts';
import type { JsonObject } from '../../src/contracts/json.ts';
import { translateBody } from '../../src/dialects/translate.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { chatBody } from './bodies.ts';
import { measure, report } from './measure.ts';

const target: EncodeTarget = {
  model: 'model-b',
  provider: 'other',
  capabilities: UNKNOWN_CAPABILITIES['openai-chat'],
  streamUsage: true,
  defaultMaxTokens: 4096,
  legacyMaxTokens: false,
  strict: false,
};
const context: AnswerContext = {
  requestId: 'req_1',
  model: 'model-b',
  now: 1_760_000_000,
  includeUsage: true,
};
const chat = dialectByName('openai-chat');
const messages = dialectByName('anthropic');

const translated = (body: Buffer, from: DialectName, to: DialectName): Buffer => {
  const { exoticNumbers } = inspectBody(body);
  return Buffer.from(translateBody(body, exoticNumbers, dialectByName(from), dialectByName(to), target).body);
};

for (const [name, bytes] of [
  ['1 KB', 1024],
  ['8 KB', 8 * 1024],
  ['64 KB', 64 * 1024],
  ['1 MB', 1024 * 1024],
] as const) {
  const asChat = chatBody(bytes);
  const asMessages = translated(asChat, 'openai-chat', 'anthropic');
  for (const [body, from, to] of [
    [asChat, chat, messages],
    [asMessages, messages, chat],
  ] as const) {
    const { exoticNumbers } = inspectBody(body);
    report(
      `${from.name} > ${to.name} ${name}`,
      measure(() => translateBody(body, exoticNumbers, from, to, target).body.length),
      body.length,
    );
  }
}

const text = 'It lets water from a river into a canal, as much as is wanted. '.repeat(8);
const answers = {
  'openai-chat': {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_760_000_000,
    model: 'model-a',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 30, completion_tokens: 120, total_tokens: 150 },
  },
  anthropic: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'model-a',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 30, output_tokens: 120 },
  },
};

for (const [from, to] of [
  [chat, messages],
  [messages, chat],
] as const) {
  const bytes = JSON.stringify(answers[from.name as keyof typeof answers]);
  report(
    `answer ${from.name} > ${to.name}`,
    measure(() => {
      const json = parseLossless(bytes, true) as JsonObject;
      return from.chat.readAnswer(json).stop === null
        ? 0
        : to.chat.encodeAnswer(from.chat.decodeAnswer(json), context).length;
    }),
    bytes.length,
  );
}
