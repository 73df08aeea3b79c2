// The `response` object: what a whole answer is, and what the events of a stream carry at its beginning and end.
import { createHash } from 'node:crypto';
import type { Usage } from '../../contracts/chat.ts';
import type { AnswerContext } from '../../contracts/dialect.ts';
import { rememberedIn } from './remembered.ts';
import type { Ending } from './stop-reason.ts';
import { writeUsage } from './usage.ts';

const IDENTITY = 40;

/** Writes the `response` of one answer, in all its states. */
export class ResponseWriter {
  readonly #head: string;
  readonly #tail: string;
  readonly #items: string;
  readonly #end: number;

  /** @param id of the answer, and @param model as the upstream told it: '' = it did not. @param created seconds since 1970. */
  constructor(context: AnswerContext, id: string, model: string, created: number | null) {
    const digest = createHash('sha256').update(`${context.requestId} ${id}`).digest('hex').slice(0, IDENTITY);
    const known = id === '' ? context.requestId : id;
    const own = known.startsWith('resp_') ? known : `resp_${known}`;
    this.#items = digest;
    this.#end = Math.floor(context.now);
    const head = { id: own, object: 'response', created_at: created ?? this.#end };
    this.#head = JSON.stringify(head).slice(0, -1);
    this.#tail = `${rememberedIn(context).echo},"model":${JSON.stringify(model === '' ? context.model : model)}`;
  }

  /** The id of an output item. @param kind its prefix, as the vendor checks it. @param at its place. */
  itemId(kind: string, at: number): string {
    return `${kind}_${this.#items}${at.toString(16).padStart(4, '0')}`;
  }

  /** Not over: an answer that has only begun. */
  begun(): string {
    const { background, error, incomplete } = PLAIN;
    return `${this.#head},"status":"in_progress",${background},"completed_at":null,${error},${incomplete},${this.#tail},"output":[],"usage":null}`;
  }

  /** Over. @param output items as JSON text. */
  ended({ status, reason }: Ending, output: readonly string[], usage: Usage | null): string {
    const { background, error, incomplete } = PLAIN;
    const completedAt = status === 'completed' ? this.#end : null;
    const details = reason === null ? incomplete : `"incomplete_details":{"reason":"${reason}"}`;
    const told = usage === null ? 'null' : JSON.stringify(writeUsage(usage));
    return `${this.#head},"status":"${status}",${background},"completed_at":${completedAt},${error},${details},${this.#tail},"output":[${output.join(',')}],"usage":${told}}`;
  }
}

const PLAIN = {
  background: '"background":false',
  error: '"error":null',
  incomplete: '"incomplete_details":null',
} as const;
