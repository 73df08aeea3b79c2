// POST /v1/rerank, which OpenAI does not have but servers that are compatible with it: Jina, vLLM, Together and others.
import type { PairCodec } from '../../contracts/dialect.ts';
import type { Hosted } from '../../contracts/hosted.ts';
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

/** NVIDIA's first such model has a path without its name. */
const NAMELESS = 'nvidia/rerank-qa-mistral-4b';

/** Where NVIDIA ranks: at a NIM of one's own, and in its catalog, which has a path for each model. */
function nvidiaAddress(hosted: Hosted, model: string): string {
  if (hosted === 'nvidia') return '/ranking';
  const name = model === NAMELESS ? 'nvidia' : model.split('/').map(encodeURIComponent).join('/');
  return `/retrieval/${name.replaceAll('.', '_')}/reranking`;
}

const isNvidia = (hosted: Hosted | undefined): hosted is 'nvidia' | 'nvidia-catalog' =>
  hosted === 'nvidia' || hosted === 'nvidia-catalog';

export const rerank = {
  address: ({ hosted, model }) => (isNvidia(hosted) ? nvidiaAddress(hosted, model) : '/rerank'),
  rewrites: ({ hosted }) => isNvidia(hosted),
  splice,
  bareList: 'results', // SGLang and TEI
  remember: rememberRerank,
  decodeRequest: decodeRerank,
  // Documents stand in the request: an answer that repeats them is longer and says no more.
  encodeRequest: (request, target) =>
    isNvidia(target.hosted)
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
