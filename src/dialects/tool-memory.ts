// Turns calls in an answer back into what the client's own tools are called and shaped like (wire.md 7.4): names that
// were shortened for the provider, and custom tools that went out as functions with one string `input`.
import type { ToolMemory } from '../contracts/body.ts';
import type { ChatAnswer, Delta, Part, Turn } from '../contracts/chat.ts';
import type { StreamEncoder } from '../contracts/dialect.ts';
import type { EventOut } from '../contracts/framing.ts';
import { parseObject, stringAt } from './lenient.ts';
import { mapParts } from './map-parts.ts';

/**
 * What an encoder remembers of the tools it sent; undefined when there is nothing to turn back.
 *
 * @param stops sequences that it did not send.
 */
export function toolMemory(
  custom: readonly string[] | undefined,
  renamed: Record<string, string>,
  turns: readonly Turn[],
  stops: readonly string[] = [],
): ToolMemory | undefined {
  const all = custom ?? [];
  const ids: string[] = [];
  for (const { parts } of turns) for (const part of parts) if (part.kind === 'tool_call') ids.push(part.id);
  const changed = all.length > 0 || Object.keys(renamed).length > 0;
  if (!changed && ids.length === 0 && stops.length === 0) return undefined;
  const memory: ToolMemory = { custom: [...all], renamed };
  if (ids.length > 0) memory.ids = ids;
  if (stops.length > 0) memory.stops = [...stops];
  return memory;
}

/** True when some call of an answer may have to be turned back; ids are looked after by the encoder of the answer. */
export function turnsBack(memory: ToolMemory): boolean {
  return memory.custom.length > 0 || Object.keys(memory.renamed).length > 0;
}

/** A whole answer with its tool calls turned back. */
export function restoreAnswer(answer: ChatAnswer, memory: ToolMemory): ChatAnswer {
  return mapParts(answer, (part): Part => {
    if (part.kind !== 'tool_call') return part;
    const name = nameOf(part.name, memory);
    // A custom one where its provider has such says its own text.
    if (part.custom === true || !memory.custom.includes(name)) return { ...part, name };
    return { ...part, name, custom: true, arguments: customInput(part.arguments) };
  });
}

/** An encoder that sees the deltas with their tool calls turned back. A custom tool's text comes whole, at its end. */
export function restoringEncoder(encoder: StreamEncoder, memory: ToolMemory): StreamEncoder {
  /** Arguments of the custom calls that are open, by block. */
  const held = new Map<number, string>();
  return {
    get sequence() {
      return encoder.sequence ?? 0;
    },
    encode(delta: Delta, out: EventOut): void {
      if (delta.kind === 'open' && delta.block === 'tool_call') {
        const name = nameOf(delta.name, memory);
        if (delta.custom === true || !memory.custom.includes(name)) {
          encoder.encode({ ...delta, name }, out);
          return;
        }
        held.set(delta.index, '');
        encoder.encode({ ...delta, name, custom: true }, out);
        return;
      }
      if (delta.kind !== 'arguments' && delta.kind !== 'close') {
        encoder.encode(delta, out);
        return;
      }
      const text = held.get(delta.index);
      if (text === undefined) {
        encoder.encode(delta, out);
        return;
      }
      if (delta.kind === 'arguments') {
        held.set(delta.index, text + delta.text);
        return;
      }
      held.delete(delta.index);
      const { index } = delta;
      encoder.encode({ kind: 'arguments', index, text: customInput(text) }, out);
      encoder.encode(delta, out);
    },
  };
}

function nameOf(name: string, { renamed }: ToolMemory): string {
  return Object.hasOwn(renamed, name) ? renamed[name]! : name;
}

/** A custom tool's text. A model that did not keep to the schema: its words are still the nearest to what was asked for. */
export function customInput(text: string): string {
  const object = parseObject(text);
  return (object === null ? null : stringAt(object, 'input')) ?? text;
}
