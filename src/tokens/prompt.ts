// Tokens of a chat request's prompt, counted on the request as the client sent it. Text is counted by the tokenizer; the
// frame around it (roles, separators), media and tool definitions are estimated. Pure and synchronous; runs in a thread.
import type { DialectName } from '../contracts/dialect.ts';
import type { Json, JsonObject } from '../contracts/json.ts';
import type { PromptCosts } from '../contracts/manner.ts';
import { manners } from '../registry/manners.ts';
import { addContents, functionsOf } from './contents.ts';
import { addConverse, invokedBody } from './converse.ts';
import { addInput } from './input-items.ts';
import { audioTokens, decodedBytes, documentTokens, opaqueTokens } from './prompt-costs.ts';
import { TokenTally } from './tally.ts';
import type { Tokenizer } from './tokenizer.ts';

type Value = Json | undefined;

/**
 * Counts the prompt of an inspected request in the tokenizer's own tokens; model-ratio.ts turns them into a model's.
 * Odd shapes are counted as their JSON text: refusing them is the decoder's or the upstream's business.
 */
export function countPromptTokens(request: JsonObject, dialect: DialectName, tokenizer: Tokenizer): number {
  const counter = new PromptCounter(new TokenTally(tokenizer), manners[dialect].promptCosts);
  return counter.count(request);
}

class PromptCounter {
  readonly #tally: TokenTally;
  readonly #costs: PromptCosts;

  constructor(tally: TokenTally, costs: PromptCosts) {
    this.#tally = tally;
    this.#costs = costs;
  }

  count(request: JsonObject): number {
    const invoked = invokedBody(request);
    if (invoked !== null) return this.count(invoked);
    this.#tally.add(this.#costs.request);
    if (isGiven(request['system'])) {
      this.#tally.add(this.#costs.message);
      this.#content(request['system']);
    }
    for (const message of listOf(request['messages'])) this.#message(message);
    addContents(request, this.#tally, this.#costs);
    addInput(request, this.#tally, this.#costs);
    addConverse(request, this.#tally, this.#costs);
    const tools = [...listOf(request['tools']).flatMap(functionsOf), ...listOf(request['functions'])];
    if (tools.length > 0) this.#tally.add(this.#costs.tools);
    for (const tool of tools) {
      this.#tally.add(this.#costs.tool);
      this.#json(tool);
    }
    this.#json(request['response_format']);
    this.#json(objectOf(request['output_config'])?.['format']);
    return this.#tally.total();
  }

  #message(value: Json): void {
    const message = objectOf(value);
    if (message === null) {
      this.#json(value);
      return;
    }
    this.#tally.add(this.#costs.message);
    this.#text(message['role']);
    if (typeof message['name'] === 'string') {
      this.#tally.add(this.#costs.name);
      this.#text(message['name']);
    }
    this.#content(message['content']);
    this.#text(message['refusal']);
    this.#text(message['reasoning_content']);
    for (const call of listOf(message['tool_calls'])) this.#call(objectOf(objectOf(call)?.['function']));
    this.#call(objectOf(message['function_call']));
  }

  #call(call: JsonObject | null): void {
    if (call === null) return;
    this.#tally.add(this.#costs.toolCall);
    this.#text(call['name']);
    this.#text(call['arguments']);
  }

  #content(content: Value): void {
    if (typeof content === 'string') this.#tally.text(content);
    else if (Array.isArray(content)) for (const part of content) this.#part(part);
    else this.#json(content);
  }

  #part(value: Json): void {
    const part = objectOf(value);
    switch (part?.['type']) {
      case 'text':
      case 'refusal':
        this.#text(part['text']);
        this.#text(part['refusal']);
        break;
      case 'thinking':
        this.#text(part['thinking']);
        break;
      case 'redacted_thinking':
        this.#tally.add(opaqueTokens(decodedBytes(part['data'])));
        break;
      case 'image_url':
      case 'image': {
        const low = objectOf(part['image_url'])?.['detail'] === 'low';
        this.#tally.add(low ? this.#costs.imageLowDetail : this.#costs.image);
        break;
      }
      case 'input_audio':
        this.#tally.add(audioTokens(decodedBytes(objectOf(part['input_audio'])?.['data'])));
        break;
      case 'file':
        this.#tally.add(documentTokens(decodedBytes(objectOf(part['file'])?.['file_data'])));
        break;
      case 'document':
        this.#text(part['title']);
        this.#text(part['context']);
        this.#source(objectOf(part['source']));
        break;
      case 'tool_use':
        this.#tally.add(this.#costs.toolCall);
        this.#text(part['name']);
        this.#json(part['input']);
        break;
      case 'tool_result':
        this.#tally.add(this.#costs.toolCall);
        this.#content(part['content']);
        break;
      default:
        this.#json(value);
    }
  }

  #source(source: JsonObject | null): void {
    if (source?.['type'] === 'text') this.#text(source['data']);
    else if (source?.['type'] === 'content') this.#content(source['content']);
    else this.#tally.add(documentTokens(decodedBytes(source?.['data'])));
  }

  #text(value: Value): void {
    if (typeof value === 'string') this.#tally.text(value);
  }

  #json(value: Value): void {
    if (isGiven(value)) this.#tally.text(typeof value === 'string' ? value : JSON.stringify(value));
  }
}

const isGiven = (value: Value): value is Exclude<Json, null> => value !== undefined && value !== null;

const listOf = (value: Value): Json[] => (Array.isArray(value) ? value : []);

function objectOf(value: Value): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}
