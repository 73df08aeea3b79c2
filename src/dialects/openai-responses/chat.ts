// A turn of a conversation: request, answer and stream, read and written.
import { mergeEdits } from '../../body/splice.ts';
import type { BodyFacts, EncodeTarget, Mended } from '../../contracts/body.ts';
import type { ChatCodec } from '../../contracts/dialect.ts';
import { sse } from '../../wire/sse.ts';
import { splice } from '../splice-model.ts';
import { decodeAnswer, encodeAnswer, readAnswer } from './answer.ts';
import { answerBuiltOn } from './built-on.ts';
import { carryOn, mark } from './carry-on.ts';
import { fit } from './fit.ts';
import { mendHistory } from './history-mend.ts';
import { mendForPerplexity } from './perplexity.ts';
import { remember } from './remembered.ts';
import { decodeRequest } from './request-decode.ts';
import { encodeRequest } from './request-encode.ts';
import { createDecoder } from './stream-decode.ts';
import { createEncoder } from './stream-encode.ts';
import { createWatcher } from './stream-watch.ts';

function mend(body: Buffer, facts: BodyFacts, target: EncodeTarget): Mended | null {
  const history = mendHistory(body, facts, target);
  const theirs = target.hosted === 'perplexity' ? mendForPerplexity(body, facts) : null;
  if (history === null || theirs === null) return history ?? theirs;
  return {
    edits: mergeEdits(history.edits, theirs.edits),
    adapted: [...history.adapted, ...theirs.adapted],
  };
}

export const chat = {
  framing: sse,
  address: () => '/responses',
  splice,
  fit,
  mend,
  remember,
  createWatcher,
  builtOn: answerBuiltOn,
  readAnswer,
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  createDecoder,
  createEncoder,
  carryOn,
  openings: [
    'response.output_item.added',
    'response.content_part.added',
    'response.reasoning_summary_part.added',
  ],
  mark,
} as const satisfies ChatCodec;
