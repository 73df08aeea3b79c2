// Answers of models that are none of Anthropic's, in formats of their own: on the byte path they go on as they come. What all
// their streams have is Bedrock's account in the last event.
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { EventVerdict, StreamWatcher } from '../../contracts/dialect.ts';
import { badOutput } from '../bad-output.ts';
import { bedrockUsage, hasBedrockMetrics } from '../bedrock-metrics.ts';
import { parseObject } from '../lenient.ts';

const CONTENT: EventVerdict = Object.freeze({ verdict: 'pass', content: true, instead: null });
const END: EventVerdict = Object.freeze({ verdict: 'end', content: true, instead: null });

/** Watches such a stream. One per stream. */
export class OwnFormatWatcher implements StreamWatcher {
  readonly facts: AnswerFacts = { usage: null, stop: null, model: null, id: null };
  complete = false;

  get settled(): boolean {
    return this.complete;
  }

  get ended(): boolean {
    return this.complete;
  }

  watch(_event: string, data: string): EventVerdict {
    if (!hasBedrockMetrics(data)) return CONTENT;
    const body = parseObject(data);
    if (body === null) throw badOutput('A stream event is no JSON object.');
    this.facts.usage = bedrockUsage(body);
    this.complete = true;
    return END;
  }

  closing(): string {
    return '';
  }
}
