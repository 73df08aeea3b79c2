// Models on Bedrock that rerank. As upstream, and of clients that invoke: Cohere's shape on the invoke route, with the version of it in the
// body, or Amazon's, which has none. Others of its clients ask another service of AWS's for it, in that one's shape.
import { memberSpan } from '../../body/member-edits.ts';
import type { BodyFacts } from '../../contracts/body.ts';
import type { PairCodec } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { RerankAnswer, RerankRequest } from '../../contracts/rerank.ts';
import { splice } from '../bedrock/splice.ts';
import {
  decodeRanked,
  decodeRerank,
  encodeRanked,
  encodeRerank,
  readRerank,
  rememberRerank,
} from '../rerank-shape.ts';
import { encodeAnswer, reshape } from './rerank-agent.ts';

const COHERE = /(^|[./])cohere\./;
const AMAZON = /(^|[./])amazon\./;
const VERSION = 'api_version';

const has = (body: Buffer, { members }: BodyFacts, name: string): boolean =>
  memberSpan(body, members, name) !== null;

/** Whether a body is as models take it, by its members: nothing else that is invoked has both. */
const isInvoked = (body: Buffer, facts: BodyFacts): boolean =>
  has(body, facts, 'query') && has(body, facts, 'documents');

/** Whether it has to be said otherwise: it came in the other service's shape, which names the model, or is another maker's than the model. */
function isForeign(model: string, body: Buffer, facts: BodyFacts): boolean {
  if (has(body, facts, 'model')) return true;
  return has(body, facts, VERSION) ? AMAZON.test(model) : COHERE.test(model);
}

export const rerank = {
  address: ({ model }) => `/model/${encodeURIComponent(model)}/invoke`,
  splice,
  asks: isInvoked,
  reshape: (body, facts) => (isInvoked(body, facts) ? null : reshape(body, facts)),
  rewrites: ({ model }, body, facts) => isForeign(model, body, facts),
  remember: rememberRerank,
  decodeRequest(body: JsonObject) {
    const { [VERSION]: _, ...rest } = body;
    return decodeRerank(rest);
  },
  encodeRequest: (request, target) => {
    const cohere = COHERE.test(target.model);
    return encodeRerank(request, target, cohere ? { [VERSION]: 2 } : {}, cohere);
  },
  readAnswer: readRerank,
  decodeAnswer: decodeRanked,
  encodeAnswer: (answer, context) =>
    context.template?.endsWith('/invoke') === true
      ? encodeRanked(answer, context)
      : encodeAnswer(answer, context),
} as const satisfies PairCodec<RerankRequest, RerankAnswer>;
