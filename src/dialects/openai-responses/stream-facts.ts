// What a stream tells besides its content: id and model at its beginning, usage and how it ended in its terminal event.
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { faultError } from '../fault-error.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { faultOfEvent } from './faults.ts';
import { stopOf } from './stop-reason.ts';
import { usageOf } from './usage.ts';

/** Item types that say something by being there; the others say it in deltas. */
const SILENT: ReadonlySet<string> = new Set(['message', 'reasoning', '']);
const CALLS: ReadonlySet<string> = new Set([
  'function_call',
  'custom_tool_call',
  'local_shell_call',
  'shell_call',
  'apply_patch_call',
]);

/** True for an output item of this type that asks the client to run a tool. */
export function isCall(type: string | null): boolean {
  return type !== null && CALLS.has(type);
}

export class StreamFacts implements AnswerFacts {
  usage: AnswerFacts['usage'] = null;
  stop: AnswerFacts['stop'] = null;
  model: string | null = null;
  id: string | null = null;
  /** Seconds since 1970. */
  created: number | null = null;
  /** The terminal event came. */
  over = false;
  readonly #held = { toolCall: false, refusal: false };

  /** Takes note of an event. @returns whether it holds content. @throws GatewayError with the fault it reports. */
  read(type: string, event: JsonObject, data: string): boolean {
    switch (type) {
      case 'response.created':
      case 'response.in_progress':
      case 'response.queued':
        this.#names(event);
        return false;
      case 'response.output_item.added':
        return this.#added(objectAt(event, 'item'));
      case 'response.refusal.delta':
        this.#held.refusal = true;
        return stringAt(event, 'delta') !== '';
      case 'response.completed':
      case 'response.incomplete':
        this.#names(event);
        this.#finish(objectAt(event, 'response') ?? {}, type);
        return false;
      case 'response.failed':
      case 'error':
        throw faultError(faultOfEvent(data));
      case 'response.output_item.done':
        return !SILENT.has(stringAt(objectAt(event, 'item') ?? {}, 'type') ?? '');
      default:
        return type.endsWith('.delta') && (stringAt(event, 'delta') ?? ' ') !== '';
    }
  }

  #names(event: JsonObject): void {
    const response = objectAt(event, 'response');
    if (response === null) return;
    this.id ??= stringAt(response, 'id') || null;
    this.model ??= stringAt(response, 'model') || null;
    this.created ??= numberAt(response, 'created_at');
  }

  #added(item: JsonObject | null): boolean {
    const type = item === null ? '' : (stringAt(item, 'type') ?? '');
    this.#held.toolCall ||= isCall(type);
    return !SILENT.has(type);
  }

  #finish(response: JsonObject, type: string): void {
    this.over = true;
    this.usage = usageOf(response);
    for (const item of arrayAt(response, 'output')) {
      if (isObject(item) && isCall(stringAt(item, 'type'))) this.#held.toolCall = true;
    }
    const status = type === 'response.completed' ? 'completed' : 'incomplete';
    this.stop = stopOf({ ...response, status }, this.#held);
  }
}
