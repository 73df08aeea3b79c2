// A streamed answer as a whole one, for an upstream that was not asked to stream and did: the reverse of answer-stream.ts.
import type { ChatAnswer, Choice, Delta, Part } from '../../contracts/chat.ts';
import type { StreamDecoder } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { EventBatch, Framing } from '../../contracts/framing.ts';

/**
 * @param body all events of the stream.
 * @throws GatewayError as the decoder does, GW_UPSTREAM_TRUNCATED when the stream broke off.
 */
export function gatherStream(body: Buffer, framing: Framing, decoder: StreamDecoder): ChatAnswer {
  const gathered = new Gathered();
  const take = (batch: EventBatch): void => {
    for (let i = 0; i < batch.count; i++) {
      const data = batch.data[i]!;
      if (batch.valid[i] !== true) throw new GatewayError('GW_UPSTREAM_BAD_OUTPUT', { cause: 'no event' });
      if (data !== null) for (const delta of decoder.decode(batch.event[i]!, data)) gathered.add(delta);
    }
  };
  const scanner = framing.createScanner({ maxEventBytes: body.length });
  take(scanner.push(body));
  take(scanner.flush());
  for (const delta of decoder.finish()) gathered.add(delta);
  if (!decoder.complete) throw new GatewayError('GW_UPSTREAM_TRUNCATED');
  return gathered.answer;
}

type Spoken = Extract<Part, { kind: 'text' | 'refusal' | 'reasoning' | 'tool_call' }>;

/** The answer that deltas tell. */
export class Gathered {
  readonly #blocks = new Map<number, Spoken>();
  readonly answer: ChatAnswer = {
    id: '',
    model: '',
    created: null,
    parts: [],
    stop: null,
    stopSequence: null,
    usage: null,
  };

  add(delta: Delta): void {
    const { answer } = this;
    switch (delta.kind) {
      case 'start':
        answer.id = delta.id;
        answer.model = delta.model;
        answer.created = delta.created;
        answer.usage = delta.usage;
        break;
      case 'open': {
        const part = begin(delta);
        this.#blocks.set(delta.index, part);
        this.#choice(delta.choice).parts.push(part);
        break;
      }
      case 'text': {
        const part = this.#blocks.get(delta.index);
        if (part !== undefined && part.kind !== 'tool_call') part.text += delta.text;
        if (part?.kind === 'text' && delta.logprobs !== undefined)
          part.logprobs = [...(part.logprobs ?? []), ...delta.logprobs];
        break;
      }
      case 'citation': {
        const part = this.#blocks.get(delta.index);
        if (part?.kind === 'text') (part.citations ??= []).push(delta.citation);
        break;
      }
      case 'arguments': {
        const part = this.#blocks.get(delta.index);
        if (part?.kind === 'tool_call') part.arguments += delta.text;
        break;
      }
      case 'signature': {
        const part = this.#blocks.get(delta.index);
        if (part?.kind === 'reasoning') part.signature = (part.signature ?? '') + delta.signature;
        break;
      }
      case 'stop':
        this.#choice(delta.choice).stop = delta.reason;
        if (!delta.choice) answer.stopSequence = delta.stopSequence;
        break;
      case 'usage':
        answer.usage = delta.usage;
        break;
      default: // close, ping and end add nothing
    }
  }

  #choice(choice = 0): Choice {
    if (choice === 0) return this.answer;
    this.answer.others ??= [];
    const { others } = this.answer;
    while (others.length < choice) others.push({ parts: [], stop: null });
    return others[choice - 1]!;
  }
}

function begin(open: Extract<Delta, { kind: 'open' }>): Spoken {
  switch (open.block) {
    case 'text':
      return { kind: 'text', text: '', cache: null };
    case 'refusal':
      return { kind: 'refusal', text: '' };
    case 'reasoning':
      return { kind: 'reasoning', text: '', signature: null, redacted: null };
    case 'redacted':
      return { kind: 'reasoning', text: '', signature: null, redacted: open.data };
    case 'tool_call':
      return {
        kind: 'tool_call',
        id: open.id,
        name: open.name,
        arguments: '',
        cache: null,
        ...customOf(open),
      };
  }
}

function customOf({ custom }: { custom?: boolean }): { custom?: boolean } {
  return custom === true ? { custom } : {};
}
