// Text of tokens that come one by one. A token alone says too little: words begin with a space or not by what stands before, and a letter
// of several bytes may be several tokens.
import { Tokenizer } from '@huggingface/tokenizers';
import type { JsonObject } from '../../contracts/json.ts';
import { isObject } from '../../dialects/read.ts';

/** Text of a list of tokens. */
export type DecodeTokens = (ids: readonly number[]) => string;

/** @param json contents of `tokenizer.json`. @param config of `tokenizer_config.json`; absent = there is none. @throws Error */
export function createTokenDecoder(json: Buffer, config?: Buffer): DecodeTokens {
  const tokenizer = new Tokenizer(forDecoding(objectOf(json)), config === undefined ? {} : objectOf(config));
  // Of nothing it makes an error.
  return (ids) =>
    ids.length === 0
      ? ''
      : tokenizer.decode([...ids], { skip_special_tokens: true, clean_up_tokenization_spaces: false });
}

/** What only makes tokens of a text is most of its time and memory: hundreds of thousands of merges. */
function forDecoding(tokenizer: JsonObject): JsonObject {
  const { model } = tokenizer;
  const isBpe = isObject(model) && model['type'] === 'BPE';
  return {
    ...tokenizer,
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    ...(isBpe && { model: { ...model, merges: [] } }),
  };
}

function objectOf(json: Buffer): JsonObject {
  return JSON.parse(json.toString('utf8')) as JsonObject;
}

/** What a cut letter is decoded to. */
const CUT = '\ufffd';

/**
 * Of one answer. The last tokens that made text are decoded again with the new ones, and what is longer then is new: as far as a letter
 * is not cut.
 */
export class TokensToText {
  readonly #decode: DecodeTokens;
  /** Those of the last text and what came behind it. */
  #ids: number[] = [];
  /** How many of them have been told. */
  #told = 0;

  constructor(decode: DecodeTokens) {
    this.#decode = decode;
  }

  /** @returns the text that is sure now. */
  push(ids: readonly number[]): string {
    if (ids.length === 0) return '';
    this.#ids.push(...ids);
    return this.#next(false);
  }

  /** @returns what was held back. */
  end(): string {
    return this.#ids.length > this.#told ? this.#next(true) : '';
  }

  #next(last: boolean): string {
    const before = this.#decode(this.#ids.slice(0, this.#told));
    const now = this.#decode(this.#ids);
    if (now.length <= before.length || (!last && now.endsWith(CUT))) return '';
    this.#ids = this.#ids.slice(this.#told);
    this.#told = this.#ids.length;
    return now.slice(before.length);
  }
}
