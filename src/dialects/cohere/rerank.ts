// POST /v2/rerank (wire.md 6), as client and as upstream.
import type { PairCodec } from '../../contracts/dialect.ts';
import type { RerankAnswer, RerankRequest } from '../../contracts/rerank.ts';
import { faultError } from '../fault-error.ts';
import {
  decodeRanked,
  decodeRerank,
  encodeRanked,
  encodeRerank,
  readRerank,
  rememberRerank,
} from '../rerank-shape.ts';
import { splice } from '../splice-model.ts';
import { faultIn } from './faults.ts';

export const rerank = {
  address: () => '/v2/rerank',
  splice,
  remember: rememberRerank,
  decodeRequest: decodeRerank,
  encodeRequest: (request, target) => encodeRerank(request, target, { model: target.model }, true),
  readAnswer: (body) => {
    const fault = body['results'] === undefined ? faultIn(body, JSON.stringify(body)) : null;
    if (fault !== null) throw faultError(fault);
    return readRerank(body);
  },
  decodeAnswer: decodeRanked,
  encodeAnswer: encodeRanked,
} as const satisfies PairCodec<RerankRequest, RerankAnswer>;
