// Every tool call needs its result in the message behind it, and every result its call in the message before: vendors
// answer 400 to anything else, and which ids are meant only we can still tell in the client's words. Ids that the vendor
// would not take, or has seen before, are replaced on the way, call and result alike.
import type { Part, ToolCallPart, ToolResultPart, Turn } from '../contracts/chat.ts';
import { unsupported } from './losses.ts';
import { type ToolIdRule, ToolIds } from './tool-ids.ts';

/**
 * The turns with ids that the vendor takes. Neighbours of one role count as one message, and a system turn as part of the
 * user's. Where one message holds an id twice, the first result with it answers the first call.
 *
 * @param changed called when some id had to be replaced.
 * @returns turns whose ids all stood are the very same objects.
 * @throws GatewayError GW_CLIENT_UNSUPPORTED naming the first id that stands alone (wire.md 7.2).
 */
export function pairToolCalls(turns: readonly Turn[], rule: ToolIdRule, changed: () => void): Turn[] {
  const pairs = new Pairs(rule, changed);
  const paired = turns.map((turn) => pairs.take(turn));
  pairs.end();
  return paired;
}

class Pairs {
  readonly #ids: ToolIds;
  readonly #changed: () => void;
  /** Calls that wait for their results: the client's id -> the ids on the wire, in the order of the calls. */
  readonly #open = new Map<string, string[]>();
  #answering = false;

  constructor(rule: ToolIdRule, changed: () => void) {
    this.#ids = new ToolIds(rule);
    this.#changed = changed;
  }

  take(turn: Turn): Turn {
    const { role, parts } = turn;
    if (role !== 'assistant') this.#answering = true;
    else if (this.#answering) {
      this.end();
      this.#answering = false;
    }
    let same = true;
    const paired = parts.map((part) => {
      const fit = this.#fit(part, role === 'assistant');
      same &&= fit === part;
      return fit;
    });
    if (same) return turn;
    this.#changed();
    return { ...turn, parts: paired };
  }

  /** Nothing may wait when the conversation goes on. */
  end(): void {
    const [lone] = this.#open.keys();
    if (lone !== undefined) throw standsAlone('call', lone, 'has no result in the message behind it');
  }

  #fit(part: Part, assistant: boolean): Part {
    if (assistant) return part.kind === 'tool_call' ? this.#call(part) : part;
    return part.kind === 'tool_result' ? this.#result(part) : part;
  }

  #call(part: ToolCallPart): ToolCallPart {
    const id = this.#ids.take(part.id);
    const waiting = this.#open.get(part.id);
    if (waiting === undefined) this.#open.set(part.id, [id]);
    else waiting.push(id);
    return id === part.id ? part : { ...part, id };
  }

  #result(part: ToolResultPart): ToolResultPart {
    const waiting = this.#open.get(part.callId);
    const callId = waiting?.shift();
    if (waiting === undefined || callId === undefined) {
      throw standsAlone('result', part.callId, 'answers no tool call of the message before it');
    }
    if (waiting.length === 0) this.#open.delete(part.callId);
    return callId === part.callId ? part : { ...part, callId };
  }
}

function standsAlone(what: string, id: string, why: string): Error {
  return unsupported('messages', `The tool ${what} '${id}' ${why}.`);
}
