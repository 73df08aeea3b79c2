// POST /v1/rerank, which OpenAI does not have but servers that are compatible with it: Jina, vLLM, Together and others.
import type { PairCodec } from '../../contracts/dialect.ts';
import type { RerankAnswer, RerankRequest } from '../../contracts/rerank.ts';
import { faultError } from '../fault-error.ts';
import {
  decodeRanked,
  decodeRerank,
  encodePassages,
  encodeRanked,
  encodeRerank,
  readRerank,
  rememberRerank,
} from '../rerank-shape.ts';
import { splice } from '../splice-model.ts';
import { faultIn } from './faults.ts';

export const rerank = {
  address: ({ hosted }) => (hosted === 'nvidia' ? '/ranking' : '/rerank'),
  rewrites: ({ hosted }) => hosted === 'nvidia',
  splice,
  bareList: 'results', // SGLang and TEI
  remember: rememberRerank,
  decodeRequest: decodeRerank,
  // Documents stand in the request: an answer that repeats them is longer and says no more.
  encodeRequest: (request, target) =>
    target.hosted === 'nvidia'
      ? encodePassages(request, target)
      : encodeRerank(request, target, { model: target.model, return_documents: false }, false),
  readAnswer: (body) => {
    const fault =
      body['results'] === undefined && body['rankings'] === undefined
        ? faultIn(body, JSON.stringify(body))
        : null;
    if (fault !== null) throw faultError(fault);
    return readRerank(body);
  },
  decodeAnswer: decodeRanked,
  encodeAnswer: encodeRanked,
} as const satisfies PairCodec<RerankRequest, RerankAnswer>;
