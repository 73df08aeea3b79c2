// A whole answer as the deltas of a stream, and back.
import type { ChatAnswer, Delta, Part } from '../../src/contracts/chat.ts';

/**
 * An answer as a decoder would tell it.
 *
 * @param size characters in a piece. @param interleave calls are open together, a piece of each in turn.
 */
export function deltasOf(answer: ChatAnswer, size: number, interleave: boolean): Delta[] {
  const { id, model, created, parts, stop, stopSequence, usage } = answer;
  const deltas: Delta[] = [{ kind: 'start', id, model, created, usage: null }];
  const calls: Delta[][] = [];
  for (const [index, part] of parts.entries()) {
    const block = blockOf(part, index, size);
    if (part.kind === 'tool_call') calls.push(block);
    else deltas.push(...calls.splice(0).flat(), ...block);
  }
  if (interleave) {
    // Opened in order, then a piece of each in turn.
    for (const call of calls) deltas.push(call.shift()!);
    while (calls.some((call) => call.length > 0)) for (const call of calls) deltas.push(...call.splice(0, 1));
  } else deltas.push(...calls.flat());
  if (stop !== null) deltas.push({ kind: 'stop', reason: stop, stopSequence });
  if (usage !== null) deltas.push({ kind: 'usage', usage });
  deltas.push({ kind: 'end' });
  return deltas;
}

function blockOf(part: Part, index: number, size: number): Delta[] {
  switch (part.kind) {
    case 'tool_call': {
      const { id, name } = part;
      const pieces = cut(part.arguments, size).map((text): Delta => ({ kind: 'arguments', index, text }));
      return [{ kind: 'open', index, block: 'tool_call', id, name }, ...pieces, { kind: 'close', index }];
    }
    case 'reasoning': {
      if (part.redacted !== null) {
        return [
          { kind: 'open', index, block: 'redacted', data: part.redacted },
          { kind: 'close', index },
        ];
      }
      const pieces = cut(part.text, size).map((text): Delta => ({ kind: 'text', index, text }));
      const { signature } = part;
      const proof: Delta[] = signature === null ? [] : [{ kind: 'signature', index, signature }];
      return [{ kind: 'open', index, block: 'reasoning' }, ...pieces, ...proof, { kind: 'close', index }];
    }
    case 'text':
    case 'refusal': {
      const pieces = cut(part.text, size).map((text): Delta => ({ kind: 'text', index, text }));
      return [{ kind: 'open', index, block: part.kind }, ...pieces, { kind: 'close', index }];
    }
    default:
      throw new Error(`no answer holds a ${part.kind}`);
  }
}

function cut(text: string, size: number): string[] {
  const points = [...text];
  return Array.from({ length: Math.ceil(points.length / size) }, (_, at) =>
    points.slice(at * size, (at + 1) * size).join(''),
  );
}

/**
 * Puts deltas together again.
 *
 * @throws Error when their order breaks a rule of `Delta`: a block opened out of turn, written to before or closed twice;
 *   something behind the end.
 */
export function assemble(deltas: readonly Delta[]): ChatAnswer {
  const assembly = new Assembly();
  for (const delta of deltas) assembly.take(delta);
  return assembly.answer;
}

class Assembly {
  readonly answer: ChatAnswer = {
    id: '',
    model: '',
    created: null,
    parts: [],
    stop: null,
    stopSequence: null,
    usage: null,
  };
  readonly #open = new Map<number, Part>();
  #ended = false;

  take(delta: Delta): void {
    if (this.#ended) throw new Error(`${delta.kind} behind the end`);
    const { answer } = this;
    switch (delta.kind) {
      case 'start':
        Object.assign(answer, {
          id: delta.id,
          model: delta.model,
          created: delta.created,
          usage: delta.usage,
        });
        return;
      case 'open':
        if (delta.index !== answer.parts.length) throw new Error(`block ${delta.index} opened out of turn`);
        answer.parts.push(opened(delta));
        this.#open.set(delta.index, answer.parts.at(-1)!);
        return;
      case 'text':
      case 'arguments':
      case 'signature':
        write(this.#block(delta.index), delta);
        return;
      case 'close':
        this.#block(delta.index);
        this.#open.delete(delta.index);
        return;
      case 'stop':
        answer.stop = delta.reason;
        answer.stopSequence = delta.stopSequence;
        return;
      case 'usage':
        answer.usage = delta.usage;
        return;
      case 'end':
        if (this.#open.size > 0) throw new Error('the end came before the end of a block');
        this.#ended = true;
    }
  }

  #block(index: number): Part {
    const part = this.#open.get(index);
    if (part === undefined) throw new Error(`block ${index} is not open`);
    return part;
  }
}

function opened(delta: Delta & { kind: 'open' }): Part {
  switch (delta.block) {
    case 'tool_call':
      return { kind: 'tool_call', id: delta.id, name: delta.name, arguments: '', cache: null };
    case 'redacted':
      return { kind: 'reasoning', text: '', signature: null, redacted: delta.data };
    case 'reasoning':
      return { kind: 'reasoning', text: '', signature: null, redacted: null };
    case 'refusal':
      return { kind: 'refusal', text: '' };
    case 'text':
      return { kind: 'text', text: '', cache: null };
  }
}

function write(part: Part, delta: Delta & { kind: 'text' | 'arguments' | 'signature' }): void {
  if (delta.kind === 'arguments' && part.kind === 'tool_call') part.arguments += delta.text;
  else if (delta.kind === 'signature' && part.kind === 'reasoning') {
    part.signature = (part.signature ?? '') + delta.signature;
  } else if (delta.kind === 'text' && 'text' in part) part.text += delta.text;
  else throw new Error(`${delta.kind} in a block of ${part.kind}`);
}
