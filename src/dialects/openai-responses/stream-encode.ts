// Neutral deltas as a Responses stream: items and parts made of blocks, each added and done with all it said, numbered from 0.
//
//   nothing ──text or refusal──► message open ──the same──► another part of it ──any other block──► message done
import type { Delta, StopReason, TokenLogprob, Usage } from '../../contracts/chat.ts';
import type { Citation } from '../../contracts/citation.ts';
import type { AnswerContext, StreamEncoder } from '../../contracts/dialect.ts';
import type { EventOut } from '../../contracts/framing.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { writeAnnotations } from '../citations.ts';
import { mergeUsage } from '../merge-usage.ts';
import { writeLogprobs } from '../token-logprobs.ts';
import { ANY_TOOL_ID, ToolIds } from '../tool-ids.ts';
import { type CallShape, callItem, callShape } from './call-items.ts';
import { writeReasoning } from './reasoning.ts';
import { type Remembered, rememberedIn } from './remembered.ts';
import { ResponseWriter } from './response-object.ts';
import { endingOf } from './stop-reason.ts';

type Open = Extract<Delta, { kind: 'open' }>;

/** A message that is being said. */
interface Message {
  readonly at: number;
  readonly id: string;
  /** Parts that are done, as JSON. */
  readonly parts: JsonObject[];
}

/** A block that is open. */
type Block =
  | {
      kind: 'text' | 'refusal';
      message: Message;
      part: number;
      place: string;
      text: string;
      logprobs: TokenLogprob[];
      citations: Citation[] | null;
    }
  /** `told`: its text is over; the item may end later, with its proof. */
  | {
      kind: 'reasoning';
      at: number;
      id: string;
      place: string;
      text: string;
      signature: string;
      told: boolean;
    }
  | { kind: 'call'; at: number; id: string; place: string; callId: string; shape: CallShape; text: string };

/** An encoder for one stream. */
export function createEncoder(context: AnswerContext): StreamEncoder {
  return new ResponsesEncoder(context);
}

class ResponsesEncoder implements StreamEncoder {
  readonly #context: AnswerContext;
  readonly #remembered: Remembered;
  readonly #ids: ToolIds;
  #writer: ResponseWriter | null = null;
  readonly #blocks = new Map<number, Block>();
  #message: Message | null = null;
  /** Items that are done, as JSON text, by their place. */
  readonly #output: string[] = [];
  #items = 0;
  #usage: Usage | null = null;
  #stop: StopReason | null = null;
  #refused = false;
  sequence = 0;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#remembered = rememberedIn(context);
    this.#ids = new ToolIds(ANY_TOOL_ID, context.toolIds);
  }

  encode(delta: Delta, out: EventOut): void {
    switch (delta.kind) {
      case 'start':
        this.#usage = mergeUsage(this.#usage, delta.usage);
        this.#begin(out, delta.id, delta.model, delta.created);
        return;
      case 'open':
        this.#begin(out);
        this.#open(delta, out);
        return;
      case 'text':
        this.#text(delta.index, delta.text, delta.logprobs, out);
        return;
      case 'citation': {
        const block = this.#blocks.get(delta.index);
        if (block?.kind === 'text') (block.citations ??= []).push(delta.citation);
        return;
      }
      case 'arguments':
        this.#arguments(delta.index, delta.text, out);
        return;
      case 'signature': {
        const block = this.#blocks.get(delta.index);
        if (block?.kind === 'reasoning') block.signature += delta.signature;
        return;
      }
      case 'close':
        this.#close(delta.index, 'completed', out);
        return;
      case 'stop':
        this.#stop = delta.reason;
        return;
      case 'usage':
        this.#usage = mergeUsage(this.#usage, delta.usage);
        return;
      case 'ping':
        return;
      case 'end':
        this.#begin(out);
        this.#end(out);
    }
  }

  // A source that does not announce itself still gets exactly one beginning.
  #begin(out: EventOut, id = '', model = '', created: number | null = null): ResponseWriter {
    if (this.#writer !== null) return this.#writer;
    this.#writer = new ResponseWriter(this.#context, id, model, created);
    const response = `"response":${this.#writer.begun()}`;
    this.#emit('response.created', response, out);
    this.#emit('response.in_progress', response, out);
    return this.#writer;
  }

  #open(open: Open, out: EventOut): void {
    switch (open.block) {
      case 'text':
      case 'refusal':
        this.#openPart(open.index, open.block, out);
        return;
      case 'reasoning': {
        const { at, id } = this.#item('rs', out);
        this.#added(
          at,
          writeReasoning({ kind: 'reasoning', text: '', signature: null, redacted: null }, id),
          out,
        );
        const place = `"item_id":"${id}","output_index":${at},"summary_index":0`;
        this.#blocks.set(open.index, {
          kind: 'reasoning',
          at,
          id,
          place,
          text: '',
          signature: '',
          told: false,
        });
        return;
      }
      case 'redacted': {
        const { at, id } = this.#item('rs', out);
        const item = writeReasoning(
          { kind: 'reasoning', text: '', signature: null, redacted: open.data },
          id,
        );
        this.#added(at, item, out);
        this.#done(at, item, out);
        return;
      }
      case 'tool_call': {
        const shape = callShape(open.name, open.custom === true, this.#remembered);
        const { at, id } = this.#item(shape.prefix, out);
        const callId = this.#ids.take(open.id);
        this.#added(at, callItem(shape, id, callId, '', 'in_progress'), out);
        const place = `"item_id":"${id}","output_index":${at}`;
        this.#blocks.set(open.index, { kind: 'call', at, id, place, callId, shape, text: '' });
      }
    }
  }

  #openPart(index: number, kind: 'text' | 'refusal', out: EventOut): void {
    let message = this.#message;
    if (message === null) {
      const { at, id } = this.#item('msg', out);
      message = { at, id, parts: [] };
      this.#message = message;
      this.#added(at, messageItem(id, [], 'in_progress'), out);
    }
    this.#refused ||= kind === 'refusal';
    const part = message.parts.length;
    const place = `"item_id":"${message.id}","output_index":${message.at},"content_index":${part}`;
    message.parts.push(contentPart(kind, '', [], []));
    this.#blocks.set(index, { kind, message, part, place, text: '', logprobs: [], citations: null });
    this.#emit('response.content_part.added', `${place},"part":${JSON.stringify(message.parts[part])}`, out);
  }

  #text(index: number, text: string, logprobs: TokenLogprob[] | undefined, out: EventOut): void {
    const block = this.#blocks.get(index);
    if (block === undefined || block.kind === 'call' || (text === '' && logprobs === undefined)) return;
    const delta = `"delta":${JSON.stringify(text)}`;
    if (block.kind === 'reasoning') {
      if (block.text === '')
        this.#emit('response.reasoning_summary_part.added', `${block.place},"part":${summary('')}`, out);
      this.#emit('response.reasoning_summary_text.delta', `${block.place},${delta}`, out);
    } else if (block.kind === 'refusal') this.#emit('response.refusal.delta', `${block.place},${delta}`, out);
    else {
      let odds = '[]';
      if (logprobs !== undefined) {
        block.logprobs.push(...logprobs);
        odds = JSON.stringify(writeLogprobs(logprobs));
      }
      this.#emit('response.output_text.delta', `${block.place},${delta},"logprobs":${odds}`, out);
    }
    block.text += text;
  }

  #arguments(index: number, text: string, out: EventOut): void {
    const block = this.#blocks.get(index);
    if (block?.kind !== 'call' || text === '') return;
    block.text += text;
    const { kind } = block.shape;
    const data = `${block.place},"delta":${JSON.stringify(text)}`;
    if (kind === 'function_call') this.#emit('response.function_call_arguments.delta', data, out);
    else if (kind === 'custom_tool_call') this.#emit('response.custom_tool_call_input.delta', data, out);
  }

  #close(index: number, status: 'completed' | 'incomplete', out: EventOut): void {
    const block = this.#blocks.get(index);
    if (block === undefined) return;
    this.#blocks.delete(index);
    switch (block.kind) {
      case 'reasoning':
        this.#closeReasoning(block, out);
        return;
      case 'call':
        this.#closeCall(block, status, out);
        return;
      default:
        this.#closePart(block, out);
    }
  }

  #closePart(block: Extract<Block, { kind: 'text' | 'refusal' }>, out: EventOut): void {
    const { kind, message, part, place, text, logprobs, citations } = block;
    const whole = JSON.stringify(text);
    const annotations = citations === null ? NO_ANNOTATIONS : writeAnnotations(citations, text.length);
    for (const [at, annotation] of annotations.entries()) {
      const told = `${place},"annotation_index":${at},"annotation":${JSON.stringify(annotation)}`;
      this.#emit('response.output_text.annotation.added', told, out);
    }
    if (kind === 'refusal') this.#emit('response.refusal.done', `${place},"refusal":${whole}`, out);
    else {
      const odds = JSON.stringify(writeLogprobs(logprobs));
      this.#emit('response.output_text.done', `${place},"text":${whole},"logprobs":${odds}`, out);
    }
    const written = contentPart(kind, text, logprobs, annotations);
    message.parts[part] = written;
    this.#emit('response.content_part.done', `${place},"part":${JSON.stringify(written)}`, out);
  }

  #closeReasoning(block: Extract<Block, { kind: 'reasoning' }>, out: EventOut): void {
    this.#tellReasoning(block, out);
    const { at, id, text, signature } = block;
    const proof = signature === '' ? null : signature;
    this.#done(at, writeReasoning({ kind: 'reasoning', text, signature: proof, redacted: null }, id), out);
  }

  #tellReasoning(block: Extract<Block, { kind: 'reasoning' }>, out: EventOut): void {
    const { place, text, told } = block;
    if (told || text === '') return;
    block.told = true;
    this.#emit('response.reasoning_summary_text.done', `${place},"text":${JSON.stringify(text)}`, out);
    this.#emit('response.reasoning_summary_part.done', `${place},"part":${summary(text)}`, out);
  }

  #closeCall(
    block: Extract<Block, { kind: 'call' }>,
    status: 'completed' | 'incomplete',
    out: EventOut,
  ): void {
    const { at, id, place, callId, shape, text } = block;
    const whole = JSON.stringify(text);
    if (shape.kind === 'function_call') {
      const name = `"name":${JSON.stringify(shape.name)}`;
      this.#emit('response.function_call_arguments.done', `${place},"arguments":${whole},${name}`, out);
    } else if (shape.kind === 'custom_tool_call')
      this.#emit('response.custom_tool_call_input.done', `${place},"input":${whole}`, out);
    this.#done(at, callItem(shape, id, callId, text, status), out);
  }

  /** Room for the next item; a message that is open is done before it, thoughts that are open have been told. */
  #item(prefix: string, out: EventOut): { at: number; id: string } {
    this.#closeMessage('completed', out);
    for (const block of this.#blocks.values())
      if (block.kind === 'reasoning') this.#tellReasoning(block, out);
    const at = this.#items++;
    return { at, id: this.#context.marks?.items[at] || this.#writer!.itemId(prefix, at) };
  }

  #closeMessage(status: 'completed' | 'incomplete', out: EventOut): void {
    const message = this.#message;
    if (message === null) return;
    this.#message = null;
    for (const [index, block] of this.#blocks) {
      if ((block.kind === 'text' || block.kind === 'refusal') && block.message === message)
        this.#close(index, status, out);
    }
    this.#done(message.at, messageItem(message.id, message.parts, status), out);
  }

  #added(at: number, item: JsonObject, out: EventOut): void {
    this.#emit('response.output_item.added', `"output_index":${at},"item":${JSON.stringify(item)}`, out);
  }

  #done(at: number, item: JsonObject, out: EventOut): void {
    const text = JSON.stringify(item);
    this.#output[at] = text;
    this.#emit('response.output_item.done', `"output_index":${at},"item":${text}`, out);
  }

  #end(out: EventOut): void {
    const ending = endingOf(this.#stop, this.#refused);
    for (const index of [...this.#blocks.keys()]) this.#close(index, ending.status, out);
    this.#closeMessage(ending.status, out);
    const response = this.#writer!.ended(ending, this.#output, this.#usage);
    if (this.#context.kept !== undefined) this.#context.kept.answer = response;
    this.#emit(`response.${ending.status}`, `"response":${response}`, out);
  }

  /** @param members of the event besides its type and number, as JSON text without braces. */
  #emit(type: string, members: string, out: EventOut): void {
    out.emit(type, `{"type":"${type}","sequence_number":${this.sequence++},${members}}`);
  }
}

function summary(text: string): string {
  return `{"type":"summary_text","text":${JSON.stringify(text)}}`;
}

function messageItem(id: string, content: JsonObject[], status: string): JsonObject {
  return { id, type: 'message', status, content, role: 'assistant' };
}

const NO_ANNOTATIONS: JsonObject[] = [];

function contentPart(
  kind: 'text' | 'refusal',
  text: string,
  logprobs: readonly TokenLogprob[],
  annotations: JsonObject[],
): JsonObject {
  if (kind === 'refusal') return { type: 'refusal', refusal: text };
  return { type: 'output_text', annotations, logprobs: writeLogprobs(logprobs), text };
}
