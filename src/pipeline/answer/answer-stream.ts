// A whole answer told as a stream: for an upstream that was asked to stream and did not. The client's SDK would read
// the plain JSON as a stream of nothing, and take that for an answer.
import type { ChatAnswer, Delta, Part } from '../../contracts/chat.ts';
import type { StreamEncoder } from '../../contracts/dialect.ts';
import type { Frames } from '../../contracts/framing.ts';
import { FrameWriter } from '../../wire/frame-writer.ts';

/** All events of the answer, written by `encoder` in the framing of its client. */
export function streamAnswer(answer: ChatAnswer, encoder: StreamEncoder, framing: Frames): Buffer | string {
  const frames = new FrameWriter(framing);
  for (const delta of deltasOf(answer)) encoder.encode(delta, frames);
  frames.close();
  return frames.take();
}

/** What a stream of the answer would have told. */
export function deltasOf(answer: ChatAnswer): Delta[] {
  const { id, model, created, stopSequence, usage, others = [] } = answer;
  const deltas: Delta[] = [{ kind: 'start', id, model, created, usage }];
  let index = 0;
  for (const [choice, { parts, stop }] of [answer, ...others].entries()) {
    const whose = choice === 0 ? {} : { choice };
    for (const part of parts) {
      const [open, ...said] = blockOf(part, index);
      if (open === undefined) continue;
      deltas.push({ ...open, ...whose }, ...said, { kind: 'close', index });
      index++;
    }
    if (stop !== null)
      deltas.push({ kind: 'stop', reason: stop, stopSequence: choice === 0 ? stopSequence : null, ...whose });
  }
  if (usage !== null) deltas.push({ kind: 'usage', usage });
  deltas.push({ kind: 'end' });
  return deltas;
}

function citationsOf(part: Part, index: number): Delta[] {
  if (part.kind !== 'text' || part.citations === undefined) return [];
  return part.citations.map((citation) => ({ kind: 'citation', index, citation }));
}

function blockOf(part: Part, index: number): Delta[] {
  switch (part.kind) {
    case 'text':
    case 'refusal': {
      const logprobs = part.kind === 'text' ? part.logprobs : undefined;
      return [
        { kind: 'open', index, block: part.kind },
        { kind: 'text', index, text: part.text, ...(logprobs && { logprobs }) },
        ...citationsOf(part, index),
      ];
    }
    case 'reasoning':
      if (part.redacted !== null) return [{ kind: 'open', index, block: 'redacted', data: part.redacted }];
      return [
        { kind: 'open', index, block: 'reasoning' },
        { kind: 'text', index, text: part.text },
        ...(part.signature === null
          ? []
          : [{ kind: 'signature' as const, index, signature: part.signature }]),
      ];
    case 'tool_call':
      return [
        {
          kind: 'open',
          index,
          block: 'tool_call',
          id: part.id,
          name: part.name,
          ...(part.custom && { custom: true }),
        },
        { kind: 'arguments', index, text: part.arguments },
      ];
    default: // media and results do not stand in answers
      return [];
  }
}
