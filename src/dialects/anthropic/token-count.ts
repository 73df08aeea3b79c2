// POST /v1/messages/count_tokens: the vendor's own counter, asked with the body of a Messages request.
import type { CountCodec } from '../../contracts/dialect.ts';
import { numberAt } from '../lenient.ts';
import { splice } from '../splice-model.ts';
import { Fitting } from '../fitting.ts';
import { fitMessages } from './fit.ts';
import { mendHistory } from './history-mend.ts';
import { countAddress, reshape } from './hosted.ts';

/** The members it takes (MessageCountTokensParams of its SDK). */
const COUNTED: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'thinking',
  'tool_choice',
  'tools',
  'output_config',
]);

export const tokenCount = {
  reshape,
  address: countAddress,
  splice,
  // It names the model wherever it is hosted.
  fit: (body, facts, target) => fitMessages(new Fitting(body, facts, target)),
  mend: mendHistory,
  readAnswer: (body) => numberAt(body, 'input_tokens'),
  // It looks like a request of Messages, but for what only an answer would need.
  chatIn: (body) => ({ max_tokens: 1, ...body }),
  asksFor: (chat) => Object.fromEntries(Object.entries(chat).filter(([name]) => COUNTED.has(name))),
  encodeAnswer: (tokens) => JSON.stringify({ input_tokens: tokens }),
} as const satisfies CountCodec;
