// The usage in the chunk that ends a streamed answer, as several vendors tell it (contracts/client-habits.ts). It comes last, so that
// chunk waits for it: that of the last answer, where there are several.
import type { AnswerContext } from '../../contracts/answer-context.ts';
import type { Usage } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { writeUsage } from './usage.ts';

/** Of one stream. */
export class UsageAtEnd {
  readonly #groq: boolean;
  readonly #requestId: string;
  #held = '';

  constructor({ habits, requestId }: Pick<AnswerContext, 'habits' | 'requestId'>) {
    this.#groq = habits?.usage === 'x_groq';
    this.#requestId = requestId;
  }

  get holds(): boolean {
    return this.#held !== '';
  }

  /** @param chunk JSON text of one that ends an answer. */
  hold(chunk: string): void {
    this.#held = chunk;
  }

  /** What was held, as it is: it is not the last one. */
  release(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }

  /** What was held, with the usage in it. @param usage in this dialect's words, or neutral. Null = nobody told: without. */
  tell(usage: { written: Json } | Usage | null): string {
    const held = this.release();
    if (usage === null) return held;
    const written = 'written' in usage ? usage.written : writeUsage(usage);
    const { usage: _, ...chunk } = JSON.parse(held) as JsonObject; // one that was read, or written here
    const groq = this.#groq ? { x_groq: { id: this.#requestId, usage: written } } : {};
    return JSON.stringify({ ...chunk, ...groq, usage: written });
  }
}

/** Null where the usage has its place as OpenAI has it. */
export function usageAtEnd(context: Partial<Pick<AnswerContext, 'habits' | 'requestId'>>): UsageAtEnd | null {
  const { habits, requestId = '' } = context;
  return habits?.usage === undefined ? null : new UsageAtEnd({ habits, requestId });
}
