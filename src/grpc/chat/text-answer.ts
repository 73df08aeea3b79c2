// An answer that comes as text, said as Chat Completions: events as the text comes, or one object when it is all there.
import type { GrpcAnswer } from '../../contracts/grpc-provider.ts';
import { GrpcInBandFault } from '../../contracts/grpc-provider.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { ChatAsk } from './ask.ts';
import { maxTokensOf } from './ask.ts';

/** Answers kept whole in memory. */
const MAX_TEXT = 64 * 1024 * 1024;

/** What a message said. */
export class Heard {
  /** New text. */
  text = '';
  /** All text so far, where a server tells that; null = it does not. */
  whole: string | null = null;
  /** Nothing comes behind this message. */
  last = false;
  /** Why it stopped, in the server's words; '' = it has not, or does not say. */
  reason = '';
  inputTokens: number | null = null;
  cachedTokens: number | null = null;
  outputTokens: number | null = null;
}

/** Puts what a message says into `heard`. @throws GrpcInBandFault, or anything else where it is no such message. */
export type ReadMessage = (message: Buffer, heard: Heard) => void;

type Finish = 'stop' | 'length' | 'content_filter' | 'tool_calls';

export class TextAnswer implements GrpcAnswer {
  readonly #ask: ChatAsk;
  readonly #read: ReadMessage;
  /** Begin of each event up to its text, and the rest. */
  readonly #before: string;
  readonly #heard = new Heard();
  #text = '';
  #sent = 0;
  #begun = false;

  constructor(ask: ChatAsk, read: ReadMessage) {
    this.#ask = ask;
    this.#read = read;
    const { id, model, nowS } = ask;
    this.#before = `data: {"id":${JSON.stringify(`chatcmpl-${id}`)},"object":"chat.completion.chunk","created":${nowS},"model":${JSON.stringify(model)},"choices":`;
  }

  get done(): boolean {
    return this.#heard.last;
  }

  take(message: Buffer): string {
    const heard = this.#heard;
    // What a server says behind its last word is nobody's.
    if (heard.last) return '';
    heard.text = '';
    heard.whole = null;
    this.#read(message, heard);
    const piece = this.#fresh(heard);
    if (piece === '') return '';
    this.#sent += piece.length;
    if (this.#ask.stream) return this.#event(piece);
    if (this.#sent > MAX_TEXT) throw new GatewayError('GW_UPSTREAM_TOO_LARGE');
    this.#text += piece;
    return '';
  }

  end(): string {
    const finish = this.#finish();
    return this.#ask.stream ? this.#lastEvents(finish) : this.#whole(finish);
  }

  #fresh({ text, whole }: Heard): string {
    return whole === null ? text : whole.slice(this.#sent);
  }

  #event(text: string): string {
    const role = this.#begun ? '' : '"role":"assistant",';
    this.#begun = true;
    return `${this.#before}[{"index":0,"delta":{${role}"content":${JSON.stringify(text)}},"finish_reason":null}]}\n\n`;
  }

  #lastEvents(finish: Finish): string {
    const begin = this.#begun ? '' : this.#event('');
    const last = `${this.#before}[{"index":0,"delta":{},"finish_reason":"${finish}"}]}\n\n`;
    const usage = this.#ask.includeUsage ? this.#usage() : null;
    const counted = usage === null ? '' : `${this.#before}[],"usage":${JSON.stringify(usage)}}\n\n`;
    return `${begin}${last}${counted}data: [DONE]\n\n`;
  }

  #whole(finish: Finish): string {
    const { id, model, nowS } = this.#ask;
    const usage = this.#usage();
    return JSON.stringify({
      id: `chatcmpl-${id}`,
      object: 'chat.completion',
      created: nowS,
      model,
      choices: [{ index: 0, message: { role: 'assistant', content: this.#text }, finish_reason: finish }],
      ...(usage !== null && { usage }),
    });
  }

  /** Null: the server does not say. */
  #usage(): object | null {
    const { inputTokens, outputTokens, cachedTokens } = this.#heard;
    if (inputTokens === null && outputTokens === null) return null;
    const [input, output] = [inputTokens ?? 0, outputTokens ?? 0];
    return {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      ...(cachedTokens !== null && { prompt_tokens_details: { cached_tokens: cachedTokens } }),
    };
  }

  #finish(): Finish {
    const { reason, outputTokens } = this.#heard;
    const most = maxTokensOf(this.#ask);
    if (reason !== '') return finishOf(reason);
    return most !== null && outputTokens !== null && outputTokens >= most ? 'length' : 'stop';
  }
}

/** A server's word for why it stopped. @throws GrpcInBandFault where that is no end of an answer. */
export function finishOf(reason: string): Finish {
  const word = reason.toLowerCase();
  if (/abort|cancel|error|fail/.test(word))
    throw new GrpcInBandFault(503, `The model server ended the answer: ${reason.slice(0, 100)}.`);
  if (/length|max_?(new_)?tokens|token_limit/.test(word)) return 'length';
  if (/filter|safety|blocked|prohibited/.test(word)) return 'content_filter';
  return /tool|function/.test(word) ? 'tool_calls' : 'stop';
}

/** Words and numbers of enumerations that say: it goes on. */
export function isReason(value: string): boolean {
  return (
    value !== '' &&
    !/^(null|none|0|not_?finished|unspecified|.*_(unspecified|not_finished|none))$/i.test(value)
  );
}
