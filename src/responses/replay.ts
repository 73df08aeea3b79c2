// A response that is over, told as the events of a stream: the same for the same response each time, so that who lost its
// stream goes on behind the last number it saw, whichever worker it asks.
import type { JsonObject } from '../contracts/json.ts';
import { arrayAt, stringAt } from '../dialects/lenient.ts';
import { isObject } from '../dialects/read.ts';

/** Takes an event. @param members beside type and number. */
type Tell = (type: string, members: JsonObject) => void;

/** Tells what comes before an answer: the events of a response that has only begun. @returns how many. */
export function replayBegin(response: JsonObject, tell: Tell): void {
  const begun = {
    ...response,
    status: 'in_progress',
    output: [],
    usage: null,
    error: null,
    completed_at: null,
  };
  const queued = { ...begun, status: 'queued' };
  tell('response.created', { response: response['background'] === true ? queued : begun });
  if (response['background'] === true) tell('response.queued', { response: queued });
  tell('response.in_progress', { response: begun });
}

/** Tells its items and its end. */
export function replayRest(response: JsonObject, tell: Tell): void {
  arrayAt(response, 'output').forEach((item, index) => {
    if (isObject(item)) replayItem(item, index, tell);
  });
  const status = stringAt(response, 'status');
  const known = status === 'completed' || status === 'incomplete';
  tell(known ? `response.${status}` : 'response.failed', { response });
}

function replayItem(item: JsonObject, index: number, tell: Tell): void {
  const place = { item_id: item['id'] ?? '', output_index: index };
  tell('response.output_item.added', { output_index: index, item: begunItem(item) });
  switch (item['type']) {
    case 'message':
      arrayAt(item, 'content').forEach((part, at) => {
        if (isObject(part)) replayPart(part, { ...place, content_index: at }, tell);
      });
      break;
    case 'reasoning':
      arrayAt(item, 'summary').forEach((part, at) => {
        if (!isObject(part)) return;
        const text = stringAt(part, 'text') ?? '';
        const where = { ...place, summary_index: at };
        tell('response.reasoning_summary_part.added', { ...where, part: { ...part, text: '' } });
        tell('response.reasoning_summary_text.delta', { ...where, delta: text });
        tell('response.reasoning_summary_text.done', { ...where, text });
        tell('response.reasoning_summary_part.done', { ...where, part });
      });
      break;
    case 'function_call': {
      const text = stringAt(item, 'arguments') ?? '';
      tell('response.function_call_arguments.delta', { ...place, delta: text });
      tell('response.function_call_arguments.done', { ...place, arguments: text, name: item['name'] ?? '' });
      break;
    }
    case 'custom_tool_call': {
      const text = stringAt(item, 'input') ?? '';
      tell('response.custom_tool_call_input.delta', { ...place, delta: text });
      tell('response.custom_tool_call_input.done', { ...place, input: text });
    }
  }
  tell('response.output_item.done', { output_index: index, item });
}

function begunItem(item: JsonObject): JsonObject {
  switch (item['type']) {
    case 'message':
      return { ...item, status: 'in_progress', content: [] };
    case 'reasoning':
      return { ...item, summary: [] };
    case 'function_call':
      return { ...item, status: 'in_progress', arguments: '' };
    case 'custom_tool_call':
      return { ...item, status: 'in_progress', input: '' };
    default:
      return item;
  }
}

function replayPart(part: JsonObject, place: JsonObject, tell: Tell): void {
  if (part['type'] === 'refusal') {
    const refusal = stringAt(part, 'refusal') ?? '';
    tell('response.content_part.added', { ...place, part: { ...part, refusal: '' } });
    tell('response.refusal.delta', { ...place, delta: refusal });
    tell('response.refusal.done', { ...place, refusal });
  } else {
    const text = stringAt(part, 'text') ?? '';
    const logprobs = arrayAt(part, 'logprobs');
    tell('response.content_part.added', { ...place, part: { ...part, text: '', logprobs: [] } });
    tell('response.output_text.delta', { ...place, delta: text, logprobs });
    tell('response.output_text.done', { ...place, text, logprobs });
  }
  tell('response.content_part.done', { ...place, part });
}
