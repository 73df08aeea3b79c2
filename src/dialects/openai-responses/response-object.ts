// The `response` object: what a whole answer is, and what the events of a stream carry at its beginning and end.
import { createHash } from 'node:crypto';
import type { Usage } from '../../contracts/chat.ts';
import type { AnswerContext } from '../../contracts/dialect.ts';
import { echoText } from './echo.ts';
import { rememberedIn } from './remembered.ts';
import type { Ending } from './stop-reason.ts';
import { writeUsage } from './usage.ts';

const IDENTITY = 40;
/** Ids that are made here: see ownResponseId. */
const OWN_ID = /^resp_([0-9a-f]{40})$/;
const OWN_ITEM = /^[a-z]+_([0-9a-f]{40})[0-9a-f]{4}$/;

/** An id of a response that is kept. @param random 20 bytes. */
export function ownResponseId(random: Buffer): string {
  return `resp_${random.toString('hex')}`;
}

/** The response that an item with an id of ours belongs to; null for all others. */
export function responseOfItem(id: string): string | null {
  const own = OWN_ITEM.exec(id)?.[1];
  return own === undefined ? null : `resp_${own}`;
}

/** Writes the `response` of one answer, in all its states. */
export class ResponseWriter {
  readonly #head: string;
  readonly #tail: string;
  readonly #items: string;
  readonly #background: string;
  readonly #end: number;

  /** @param id of the answer, and @param model as the upstream told it: '' = it did not. @param created seconds since 1970. */
  constructor(context: AnswerContext, id: string, model: string, created: number | null) {
    const { kept } = context;
    const known = id === '' ? context.requestId : id;
    // What is kept is found by an id that no upstream gives twice.
    const own = kept?.id ?? (known.startsWith('resp_') ? known : `resp_${known}`);
    this.#items = kept === undefined ? identity(`${context.requestId} ${id}`) : itemsOf(kept.id);
    this.#background = `"background":${kept?.background === true}`;
    this.#end = Math.floor(context.now);
    const head = { id: own, object: 'response', created_at: created ?? this.#end };
    this.#head = JSON.stringify(head).slice(0, -1);
    this.#tail = `${echoText(rememberedIn(context).echo, context)},"model":${JSON.stringify(model === '' ? context.model : model)}`;
  }

  /** The id of an output item. @param kind its prefix, as the vendor checks it. @param at its place. */
  itemId(kind: string, at: number): string {
    return `${kind}_${this.#items}${at.toString(16).padStart(4, '0')}`;
  }

  /** Not over: an answer that has only begun, or is still to begin. */
  begun(status: 'in_progress' | 'queued' = 'in_progress'): string {
    const { error, incomplete } = PLAIN;
    return `${this.#head},"status":"${status}",${this.#background},"completed_at":null,${error},${incomplete},${this.#tail},"output":[],"usage":null}`;
  }

  /** Over. @param output items as JSON text. */
  ended({ status, reason }: Ending, output: readonly string[], usage: Usage | null): string {
    const { error, incomplete } = PLAIN;
    const completedAt = status === 'completed' ? this.#end : null;
    const details = reason === null ? incomplete : `"incomplete_details":{"reason":"${reason}"}`;
    const told = usage === null ? 'null' : JSON.stringify(writeUsage(usage));
    return `${this.#head},"status":"${status}",${this.#background},"completed_at":${completedAt},${error},${details},${this.#tail},"output":[${output.join(',')}],"usage":${told}}`;
  }
}

/** What the ids of a response's items have in common, by its own: who refers to an item names the response with it. */
function itemsOf(id: string): string {
  const own = OWN_ID.exec(id)?.[1];
  return own ?? identity(id);
}

function identity(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, IDENTITY);
}

const PLAIN = {
  error: '"error":null',
  incomplete: '"incomplete_details":null',
} as const;
