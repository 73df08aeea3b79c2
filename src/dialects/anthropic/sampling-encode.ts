// temperature, top_p and top_k, as far as the model takes them. What only repeats a default is left out without a word
// where it would be refused, so that clients that always send both lose nothing.
import type { Capabilities } from '../../contracts/capability.ts';
import type { ChatRequest, Num } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { Losses } from '../losses.ts';
import { numberOf } from '../read.ts';

/** Writes the members into `body`. @param thinking The model takes temperature 1 or none then, top_p from 0.95 on, no top_k. */
export function encodeSampling(
  body: JsonObject,
  request: ChatRequest,
  sampling: Capabilities['sampling'],
  thinking: boolean,
  losses: Losses,
): void {
  let temperature = said(request.temperature);
  // 1 of 1 is all there is: it says nothing.
  let topP = said(request.topP) === 1 ? null : request.topP;
  let { topK } = request;
  const hot = temperature !== null && temperature > 1;
  if (sampling === 'none' || thinking) {
    if (temperature !== null && temperature !== 1) losses.drop('temperature');
    if (topP !== null && (sampling === 'none' || numberOf(topP) < 0.95)) {
      losses.drop('top_p');
      topP = null;
    }
    if (topK !== null) losses.drop('top_k');
    if (sampling === 'none') return;
    topK = null;
    if (temperature !== 1) temperature = null;
  } else if (hot) {
    losses.adapt('temperature');
  }
  if (sampling === 'one' && topP !== null && temperature !== null) {
    if (temperature === 1) temperature = null;
    else {
      losses.drop('top_p');
      topP = null;
    }
  }
  if (temperature !== null) body.temperature = hot ? 1 : request.temperature;
  if (topP !== null) body.top_p = topP;
  if (topK !== null) body.top_k = topK;
}

function said(value: Num | null): number | null {
  return value === null ? null : numberOf(value);
}
