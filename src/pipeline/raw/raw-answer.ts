// A whole answer of an operation without codecs: JSON, which goes on as it came.
import { GatewayError } from '../../contracts/errors.ts';
import { rawFacts } from './raw-facts.ts';
import type { Delivery } from '../answer/unary-answer.ts';

/**
 * @param verbatim whatever it is, it is what was asked for.
 * @throws GatewayError when it is no JSON object. Of what was deleted some providers say nothing.
 */
export function deliverRaw(body: Buffer, verbatim: boolean): Delivery {
  const facts = rawFacts(body);
  if (facts === null && body.length > 0 && !verbatim) throw new GatewayError('GW_UPSTREAM_BAD_OUTPUT');
  return { facts, contentType: 'application/json', body };
}
