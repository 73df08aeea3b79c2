// Models on Bedrock that rerank, as upstream: Cohere's shape on the invoke route, with the version of it in the body.
import type { PairCodec } from '../../contracts/dialect.ts';
import type { RerankAnswer, RerankRequest } from '../../contracts/rerank.ts';
import { splice } from '../bedrock/splice.ts';
import { decodeRanked, decodeRerank, encodeRanked, encodeRerank, readRerank } from '../rerank-shape.ts';

export const rerank = {
  address: ({ model }) => `/model/${encodeURIComponent(model)}/invoke`,
  splice,
  decodeRequest: decodeRerank,
  encodeRequest: (request, target) => {
    const cohere = /(^|[./])cohere\./.test(target.model);
    return encodeRerank(request, target, cohere ? { api_version: 2 } : {}, cohere);
  },
  readAnswer: readRerank,
  decodeAnswer: decodeRanked,
  encodeAnswer: encodeRanked,
} as const satisfies PairCodec<RerankRequest, RerankAnswer>;
