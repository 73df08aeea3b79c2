// Models on Bedrock that rerank. As upstream: Cohere's shape on the invoke route, with the version of it in the body. Its clients ask
// another service of AWS's for it, in that one's shape.
import type { PairCodec } from '../../contracts/dialect.ts';
import type { RerankAnswer, RerankRequest } from '../../contracts/rerank.ts';
import { splice } from '../bedrock/splice.ts';
import { decodeRanked, decodeRerank, encodeRerank, readRerank } from '../rerank-shape.ts';
import { encodeAnswer, remember, reshape } from './rerank-agent.ts';

export const rerank = {
  address: ({ model }) => `/model/${encodeURIComponent(model)}/invoke`,
  splice,
  reshape,
  rewrites: () => true,
  remember,
  decodeRequest: decodeRerank,
  encodeRequest: (request, target) => {
    const cohere = /(^|[./])cohere\./.test(target.model);
    return encodeRerank(request, target, cohere ? { api_version: 2 } : {}, cohere);
  },
  readAnswer: readRerank,
  decodeAnswer: decodeRanked,
  encodeAnswer,
} as const satisfies PairCodec<RerankRequest, RerankAnswer>;
