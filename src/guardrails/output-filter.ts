// Guardrails on an answer, streamed or whole, in neutral form: one text per block, one end per choice. What is refused ends its
// choice with the stop reason that the client's dialect has for it; usage, and the other choices, go on.
import type { Delta } from '../contracts/chat.ts';
import type { Citation } from '../contracts/citation.ts';
import type { DeltaFilter, DeltaOut } from '../contracts/delta-filter.ts';
import type { Guard } from './guard.ts';
import { redact } from './redactor.ts';
import type { GuardRun } from './run.ts';
import { type BlockKind, SaidText } from './said-text.ts';

/** Hears what goes on, for checks that are made beside it. */
export interface Listener {
  said(block: number, text: string): void;
  /** The block is complete. */
  closed(block: number): void;
}

interface Block {
  choice: number;
  said: SaidText;
  argumentsOf: boolean;
}

export class OutputFilter implements DeltaFilter {
  readonly #run: GuardRun;
  readonly #listener: Listener | null;
  readonly #blocks = new Map<number, Block>();
  /** Choices that ended here. */
  readonly #ended = new Set<number>();
  readonly #choices = new Set<number>();

  constructor(run: GuardRun, listener: Listener | null) {
    this.#run = run;
    this.#listener = listener;
    for (const guard of run.guards) if (guard.output || guard.toolCall) run.note(guard, 'answer', 'pass');
  }

  take(delta: Delta, out: DeltaOut): void {
    switch (delta.kind) {
      case 'open':
        this.#open(delta, out);
        return;
      case 'text':
        this.#said(delta, delta.index, delta.text, out);
        return;
      case 'arguments':
        this.#said(delta, delta.index, delta.text, out);
        return;
      case 'citation':
        if (this.#blocks.has(delta.index)) out({ ...delta, citation: this.#citation(delta.citation) });
        return;
      case 'signature':
        if (this.#blocks.has(delta.index)) out(delta);
        return;
      case 'close':
        this.#close(delta.index, out);
        return;
      case 'stop': {
        const choice = delta.choice ?? 0;
        for (const [index, block] of this.#blocks)
          if (block.choice === choice) this.#flush(index, block, out);
        if (!this.#ended.has(choice)) out(delta);
        return;
      }
      default:
        out(delta);
    }
  }

  lets(index: number, text: string, event: string | null): boolean {
    // Who listens hears each text by itself.
    if (this.#listener !== null) return false;
    return this.#blocks.get(index)?.said.lets(text, event) ?? false;
  }

  end(out: DeltaOut): void {
    for (const index of [...this.#blocks.keys()]) this.#close(index, out);
  }

  #open(delta: Extract<Delta, { kind: 'open' }>, out: DeltaOut): void {
    const choice = delta.choice ?? 0;
    this.#choices.add(choice);
    if (this.#ended.has(choice)) return;
    if (delta.block === 'tool_call') {
      const against = this.#run.guards.find(
        ({ tools, toolCall }) => toolCall && tools !== null && !tools(delta.name),
      );
      if (against !== undefined && this.#denied(against, choice, out)) return;
    }
    this.#blocks.set(delta.index, {
      choice,
      said: new SaidText(this.#run, kindOf(delta)),
      argumentsOf: delta.block === 'tool_call',
    });
    out(delta);
  }

  /** A tool that may not be called. @returns whether the choice ends. */
  #denied(guard: Guard, choice: number, out: DeltaOut): boolean {
    const { action } = guard.config;
    if (action !== 'block') {
      if (action === 'retry') this.#run.retry ??= { guard, reason: 'it calls a tool that may not be called' };
      this.#run.note(guard, 'answer', 'flag');
      return false;
    }
    this.#refuse(guard, choice, out);
    return true;
  }

  #said(
    delta: Extract<Delta, { kind: 'text' | 'arguments' }>,
    index: number,
    text: string,
    out: DeltaOut,
  ): void {
    const block = this.#blocks.get(index);
    if (block === undefined) return;
    if (block.said.idle) {
      this.#listener?.said(index, text);
      out(delta);
      return;
    }
    this.#put(index, block, block.said.push(text), out);
    this.#mayEnd(block, out);
  }

  // Probabilities tell tokens that may have been replaced: they do not go on with a text that is looked at.
  #put(index: number, block: Block, text: string, out: DeltaOut): void {
    if (text === '') return;
    this.#listener?.said(index, text);
    out({ kind: block.argumentsOf ? 'arguments' : 'text', index, text });
  }

  #flush(index: number, block: Block, out: DeltaOut): void {
    if (block.said.idle || block.said.ended !== null) return;
    this.#put(index, block, block.said.end(), out);
    this.#mayEnd(block, out);
  }

  #close(index: number, out: DeltaOut): void {
    const block = this.#blocks.get(index);
    if (block === undefined) return;
    this.#flush(index, block, out);
    // Its choice ended, and closed it.
    if (!this.#blocks.delete(index)) return;
    this.#listener?.closed(index);
    out({ kind: 'close', index });
  }

  #mayEnd({ choice, said }: Block, out: DeltaOut): void {
    if (said.ended !== null && !this.#ended.has(choice)) this.#refuse(said.ended.guard, choice, out);
  }

  #refuse(guard: Guard, choice: number, out: DeltaOut): void {
    this.#ended.add(choice);
    const refusal = this.#run.refused(guard, 'answer');
    for (const [index, block] of this.#blocks) {
      if (block.choice !== choice) continue;
      this.#blocks.delete(index);
      this.#listener?.closed(index);
      out({ kind: 'close', index });
    }
    out({
      kind: 'stop',
      reason: 'content_filter',
      stopSequence: null,
      ...(choice === 0 ? {} : { choice }),
    });
    // One of several that is refused says so in its own place.
    if (this.#choices.size === 1) this.#run.refusal = refusal;
  }

  #citation(citation: Citation): Citation {
    const clean = (text: string | null): string | null => {
      let out = text;
      for (const { finder, output, config } of this.#run.guards) {
        if (!output || finder === null || out === null || config.action === 'flag') continue;
        out = redact(out, finder, (_value, { detector }) => `[${detector.label}]`);
      }
      return out;
    };
    return {
      ...citation,
      url: clean(citation.url),
      title: clean(citation.title),
      quote: clean(citation.quote),
    };
  }
}

function kindOf(open: Extract<Delta, { kind: 'open' }>): BlockKind {
  switch (open.block) {
    case 'tool_call':
      return open.custom === true ? 'plain_arguments' : 'arguments';
    case 'reasoning':
    case 'refusal':
      return open.block;
    default:
      return 'text';
  }
}
