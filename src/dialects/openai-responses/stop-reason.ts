// `status` and `incomplete_details` to and from the neutral stop reason (wire.md 7.8).
import type { StopReason } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { objectAt, stringAt } from '../lenient.ts';
import { type Held, realStop } from '../real-stop.ts';

/** Why a response ended. Null: it has not, or was cancelled. @param held what it was seen to hold. */
export function stopOf(response: JsonObject, held: Held): StopReason | null {
  switch (stringAt(response, 'status')) {
    case 'completed':
      return realStop(null, held);
    case 'incomplete':
      return incompleteStop(stringAt(objectAt(response, 'incomplete_details') ?? {}, 'reason'));
    default:
      return null;
  }
}

function incompleteStop(reason: string | null): StopReason {
  switch (reason) {
    case 'max_output_tokens':
    case 'max_tokens':
    case null:
      return 'max_tokens';
    case 'content_filter':
      return 'content_filter';
    default:
      return `unknown:${reason}`;
  }
}

/** How an answer ended, in this dialect's words. */
export interface Ending {
  status: 'completed' | 'incomplete';
  /** `incomplete_details.reason`; null for a complete one. */
  reason: 'max_output_tokens' | 'content_filter' | null;
}

const COMPLETED: Ending = { status: 'completed', reason: null };

/** @param refused a refusal stands in the answer: it says by itself why there is no other. */
export function endingOf(stop: StopReason | null, refused: boolean): Ending {
  switch (stop) {
    case 'max_tokens':
    case 'context_full':
    case 'pause': // nobody continues the turn here: the answer is cut short
      return { status: 'incomplete', reason: 'max_output_tokens' };
    case 'content_filter':
      return { status: 'incomplete', reason: 'content_filter' };
    case 'refusal':
      return refused ? COMPLETED : { status: 'incomplete', reason: 'content_filter' };
    default:
      return COMPLETED;
  }
}
