// Watches a stream of pictures while its bytes go through: previews, then each finished one with what it used. A picture is
// megabytes of base64, which nobody here reads.
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { EventVerdict, StreamWatcher } from '../../contracts/dialect.ts';
import { NO_QUANTITIES } from '../../contracts/quantities.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { objectAt, parseObject, stringAt } from '../lenient.ts';
import { mergeUsage } from '../merge-usage.ts';
import { faultIn, faultOfErrorEvent } from './faults.ts';
import { readUsage } from './usage.ts';

const PASS: EventVerdict = { verdict: 'pass', content: false, instead: null };
const PICTURE: EventVerdict = { verdict: 'pass', content: true, instead: null };
const END: EventVerdict = { verdict: 'end', content: false, instead: null };
const BASE64 = /"b64_json"\s*:\s*"[^"]*"/;

/** A watcher for one stream. */
export function createImageWatcher(): StreamWatcher {
  return new ImageWatcher();
}

class ImageWatcher implements StreamWatcher {
  readonly facts: AnswerFacts = { usage: null, stop: null, model: null, id: null };
  #finished = 0;
  ended = false;

  get complete(): boolean {
    return this.#finished > 0;
  }

  // Another picture may be on its way until the upstream closes.
  get settled(): boolean {
    return this.ended;
  }

  watch(event: string, data: string): EventVerdict {
    if (data.trim() === '[DONE]') {
      this.ended = this.complete;
      if (!this.complete) throw badOutput('The stream ended without a picture.');
      return END;
    }
    if (event === 'error') throw faultError(faultOfErrorEvent(data));
    const body = parseObject(data.replace(BASE64, '"b64_json":""'));
    if (body === null) throw badOutput('An event of a stream of pictures is no JSON object.');
    const fault = faultIn(body, data);
    if (fault !== null) throw faultError(fault);
    const type = stringAt(body, 'type') ?? event;
    if (type.endsWith('.partial_image')) return PICTURE;
    if (!type.endsWith('.completed')) return PASS;
    this.#finished++;
    const usage = objectAt(body, 'usage');
    if (usage !== null) this.facts.usage = mergeUsage(this.facts.usage, readUsage(usage));
    this.facts.quantities = { ...NO_QUANTITIES, images: this.#finished };
    return PICTURE;
  }

  closing(): string {
    return '';
  }
}
