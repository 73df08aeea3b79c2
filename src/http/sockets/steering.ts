// What a client says to a response that runs on its WebSocket (`response.steer`): it is owned here until a successor of that response
// begins with it, and given back where none can. A turn whose text is open ends there (steered-end.ts); its successor is asked behind it.
//
//   steer ─► accepted ─┬─ the response ends ──────────────► successor, with the settings of the response
//                      ├─ it waits for results of tools ──► pending ─► in front of the input that brings them
//                      `─ it fails ───────────────────────► failed, with the input
import type { Json, JsonObject } from '../../contracts/json.ts';
import { arrayAt, stringAt } from '../../dialects/lenient.ts';
import { isObject } from '../../dialects/read.ts';

/** Inputs that wait for one response. */
const MAX_PENDING = 16;
/** Items that wait for what only a client can say, and what brings it. */
const ANSWERED_BY: Readonly<Record<string, string>> = {
  function_call: 'function_call_output',
  custom_tool_call: 'custom_tool_call_output',
  local_shell_call: 'local_shell_call_output',
  shell_call: 'shell_call_output',
  apply_patch_call: 'apply_patch_call_output',
  computer_call: 'computer_call_output',
  mcp_approval_request: 'mcp_approval_response',
};

interface Steer {
  readonly id: string;
  readonly input: Json;
  readonly items: readonly JsonObject[];
}

/** How a response stands that is to be steered. */
export type Steered = 'running' | 'over' | 'unknown' | 'unsteerable';

export class Steering {
  readonly #tell: (event: JsonObject) => void;
  readonly #id: () => string;
  #sequence = 0;
  /** Of the response that runs. */
  #queued: Steer[] = [];
  /** Of the one that was over last and waits for its client. */
  #pending: { parent: string; steers: Steer[] } | null = null;

  /** @param tell sends an event. @param id of a submission. */
  constructor(tell: (event: JsonObject) => void, id: () => string) {
    this.#tell = tell;
    this.#id = id;
  }

  /** A frame came. @param how of a response: how it stands here. @returns whether a response that runs has it. */
  take(frame: JsonObject, how: (id: string) => Steered): boolean {
    const { input = null } = frame;
    const parent = stringAt(frame, 'previous_response_id') ?? '';
    const refuse = (code: string, message: string): false => {
      this.#failed(parent, { input }, code, message);
      return false;
    };
    const items = itemsOf(input);
    if (items === null) {
      return refuse('invalid_input', "'input' must be text, or a list of messages of the role user.");
    }
    switch (how(parent)) {
      case 'unknown':
        return refuse('response_not_found', 'No response of this id is on this connection.');
      case 'over':
        return refuse('response_already_completed', 'The response takes no more input: it is over.');
      case 'unsteerable':
        return refuse('steering_not_supported', 'A response of a conversation cannot be steered.');
      case 'running':
    }
    if (this.#queued.length >= MAX_PENDING) {
      return refuse('too_many_pending_steers', 'Too much input waits for this response.');
    }
    const steer = { id: this.#id(), input, items };
    this.#queued.push(steer);
    this.#event('response.steer.accepted', { steer: { id: steer.id, previous_response_id: parent } });
    return true;
  }

  /** The response is over. @returns the input of its successor; null = it has none. */
  over(parent: string, response: JsonObject | null): JsonObject[] | null {
    const steers = this.#queued;
    if (steers.length === 0) return null;
    this.#queued = [];
    const status = response === null ? null : stringAt(response, 'status');
    if (status !== 'completed' && status !== 'incomplete') {
      for (const steer of steers)
        this.#failed(parent, steer, 'successor_creation_failed', 'The response has no answer to go on from.');
      return null;
    }
    const required = stubsOf(response!);
    if (required.length === 0) return steers.flatMap(({ items }) => items);
    this.#pending = { parent, steers };
    for (const { id } of steers)
      this.#event('response.steer.pending', {
        steer: { id, previous_response_id: parent },
        reason: 'waiting_for_required_input',
        required_input: required,
      });
    return null;
  }

  /** What stands in front of the input of a request that goes on from `parent`. */
  before(parent: string | null): JsonObject[] {
    const pending = this.#pending;
    if (pending === null || pending.parent !== parent) return [];
    this.#pending = null;
    return pending.steers.flatMap(({ items }) => items);
  }

  #failed(parent: string, steer: { id?: string; input: Json }, code: string, message: string): void {
    const { id, input } = steer;
    this.#event('response.steer.failed', {
      steer: { ...(id !== undefined && { id }), previous_response_id: parent, input },
      error: { type: 'invalid_request_error', code, message },
    });
  }

  #event(type: string, members: JsonObject): void {
    this.#tell({ type, sequence_number: this.#sequence++, ...members });
  }
}

/** Null: it is no input that a response may be steered with. */
function itemsOf(input: Json): JsonObject[] | null {
  if (typeof input === 'string')
    return input === '' ? null : [{ type: 'message', role: 'user', content: input }];
  if (!Array.isArray(input) || input.length === 0 || !input.every(isObject)) return null;
  return input.every((item) => item['role'] === 'user' && (item['type'] ?? 'message') === 'message')
    ? input
    : null;
}

/** What is missing of a response: whom it is to be said to, without what is to be said. */
function stubsOf(response: JsonObject): JsonObject[] {
  return arrayAt(response, 'output')
    .filter(isObject)
    .flatMap((item): JsonObject[] => {
      const type = ANSWERED_BY[stringAt(item, 'type') ?? ''];
      if (type === undefined) return [];
      return type === 'mcp_approval_response'
        ? [{ type, approval_request_id: item['id'] ?? '' }]
        : [{ type, call_id: item['call_id'] ?? '' }];
    });
}
