// temperature, topP and top_k. Claude takes them as on its own API, top_k among the fields of the model; of other makers'
// models Converse says nothing but the first two.
import type { EncodeTarget } from '../../contracts/body.ts';
import type { ChatRequest } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { encodeSampling as encodeOfClaude } from '../anthropic/sampling-encode.ts';
import type { Losses } from '../losses.ts';

/** Writes into `inference` (inferenceConfig) and `fields` (additionalModelRequestFields). */
export function encodeSampling(
  inference: JsonObject,
  fields: JsonObject,
  request: ChatRequest,
  { capabilities: { sampling }, maker }: EncodeTarget,
  thinking: boolean,
  losses: Losses,
): void {
  if (maker === 'anthropic') {
    const found: JsonObject = {};
    encodeOfClaude(found, request, sampling, thinking, losses);
    if (found['temperature'] !== undefined) inference['temperature'] = found['temperature'];
    if (found['top_p'] !== undefined) inference['topP'] = found['top_p'];
    if (found['top_k'] !== undefined) fields['top_k'] = found['top_k'];
    return;
  }
  const { temperature, topP, topK } = request;
  if (topK !== null) losses.drop('top_k');
  if (sampling === 'none') {
    if (temperature !== null) losses.drop('temperature');
    if (topP !== null) losses.drop('top_p');
    return;
  }
  if (temperature !== null) inference['temperature'] = temperature;
  if (topP === null) return;
  if (sampling === 'one' && temperature !== null) losses.drop('top_p');
  else inference['topP'] = topP;
}
