// Finds the refusal of a prompt that is too long for its model. Every vendor words it anew and few give it a code, yet
// coding agents shorten a conversation only when they recognise it: so each dialect says it in its own words.
import type { UpstreamFault } from '../contracts/errors.ts';

/** In tokens; null where the vendor did not say. */
export interface ContextOverflow {
  readonly prompt: number | null;
  /** Asked for the answer, where the vendor counts that in. */
  readonly answer: number | null;
  /** What fits. */
  readonly max: number | null;
}

const CODES: ReadonlySet<string> = new Set([
  'context_length_exceeded',
  'context_window_exceeded',
  'exceed_context_size_error',
  'model_max_prompt_tokens_exceeded',
  'tokens_limit_reached',
]);

/** With these a refusal is about something else, however it is worded: keys, money, rates, a model that is not there. */
const OTHER_STATUSES: ReadonlySet<number> = new Set([401, 402, 403, 404, 408, 429]);

/** The first match counts: a wording with more numbers stands before one with fewer. */
const WORDINGS: readonly RegExp[] = [
  // Anthropic
  /input length and `?max_tokens`? exceed context limit: (?<prompt>\d+) \+ (?<answer>\d+) > (?<max>\d+)/i,
  /prompt is too long: (?<prompt>\d+)(?: tokens)? > (?<max>\d+)/i,
  // Fireworks
  /prompt is too long: (?<prompt>\d+), model maximum context length: (?<max>\d+)/i,
  // vLLM, of an answer that cannot fit
  /tokens'? is too large: (?<answer>\d+)\. this model's maximum context length is (?<max>\d+) tokens and your request has (?<prompt>\d+) input tokens/i,
  // OpenAI, Azure, DeepSeek, OpenRouter, Together, vLLM; SGLang
  /context length (?:is|of) (?<max>\d+) tokens.{0,40}?requested\D{0,20}(?<total>\d+) tokens.{1,120}?(?<answer>\d+)(?: tokens)? (?:in|for|of) the (?:completion|output)/is,
  /context length (?:is|of) (?<max>\d+) tokens.{0,40}?(?:resulted in|requested|contains?|has)\D{0,30}(?<prompt>\d+)/is,
  /input \((?<prompt>\d+) tokens\) is longer than the model's context length \((?<max>\d+) tokens\)/i,
  /prompt \((?:total )?length (?<prompt>\d+)\) is longer than the maximum model length of (?<max>\d+)/i,
  /input length \((?<prompt>\d+)\) exceeds (?:the )?model's maximum context length \((?<max>\d+)\)/i,
  // llama.cpp and its Python server, LM Studio
  /requested tokens \((?<prompt>\d+)\) exceed context window of (?<max>\d+)/i,
  /request \((?<prompt>\d+) tokens\) exceeds the available context size \((?<max>\d+) tokens\)/i,
  /keep the first (?<prompt>\d+) tokens when context the overflows.{0,80}?context length of only (?<max>\d+)/is,
  // xAI, Mistral, Gemini, GitHub
  /maximum prompt length is (?<max>\d+) but the request contains (?<prompt>\d+)/i,
  /prompt contains (?<prompt>\d+) tokens.{0,60}?too large for model with (?<max>\d+) maximum context length/is,
  /input token count (?:\((?<prompt>\d+)\) )?exceeds the maximum number of tokens allowed \(?(?<max>\d+)/i,
  /prompt token count of (?<prompt>\d+) exceeds the limit of (?<max>\d+)/i,
  /request body too large for .{1,60}? model\. max size: (?<max>\d+) tokens/is,
  // Cloudflare, watsonx
  /tokens \((?<prompt>\d+)\) exceeded this model context window limit \((?<max>\d+)\)/i,
  /number of input tokens (?<prompt>\d+) cannot exceed the total tokens limit (?<max>\d+)/i,
  // Cerebras, Text Generation Inference, Cohere, Moonshot, Alibaba
  /reduce the length of the messages or completion.{0,20}?length is (?<prompt>\d+) while limit is (?<max>\d+)/is,
  /`inputs` tokens \+ `max_new_tokens` must be <= (?<max>\d+)\. given: (?<prompt>\d+) `inputs` tokens and (?<answer>\d+)/i,
  /`inputs` must have less than (?<max>\d+) tokens\. given: (?<prompt>\d+)/i,
  /tokens in the prompt cannot exceed (?<max>\d+) - received (?<prompt>\d+)/i,
  /exceeded model token limit: (?<max>\d+)(?: \(requested: (?<prompt>\d+)\))?/i,
  /range of input length should be \[\d+, (?<max>\d+)\]/i,
  // Without numbers: Bedrock, Ollama, Groq, MiniMax, Zhipu, Responses of OpenAI, and those above in other versions
  /context length (?:is|of) (?:only )?(?<max>\d+)/i,
  /(?:prompt|input) is too long|prompt too long; exceeded|prompt exceeds max/i,
  /exceeds? (?:the |this )?(?:model'?s? )?(?:available |maximum )?context (?:window|length|size|limit)/i,
  /context (?:window|length|limit) (?:is |was )?exceed|maximum context length|greater than the context length/i,
  /reduce the length of the (?:messages|prompt|input)|too many tokens: size limit exceeded/i,
];

/** No vendor's statement is as long; what follows is not searched. */
const MAX_CHARACTERS = 2_000;

/** What the fault says of a prompt that is too long; null when it is about something else. */
export function contextOverflow({ status, type, code, message }: UpstreamFault): ContextOverflow | null {
  if (OTHER_STATUSES.has(status)) return null;
  const text = message.slice(0, MAX_CHARACTERS).replace(/(\d),(?=\d{3})/g, '$1');
  for (const wording of WORDINGS) {
    const found = wording.exec(text);
    if (found !== null) return overflowOf(found.groups ?? {});
  }
  const named = (type !== null && CODES.has(type)) || (code !== null && CODES.has(code));
  return named ? { prompt: null, answer: null, max: null } : null;
}

function overflowOf(groups: Record<string, string | undefined>): ContextOverflow {
  const count = (name: string): number | null => {
    const text = groups[name];
    return text === undefined ? null : Number(text);
  };
  const total = count('total');
  const answer = count('answer');
  // Functions are counted apart from the messages at times: what is not the answer's is the prompt's.
  const prompt = total === null || answer === null ? count('prompt') : total - answer;
  return { prompt, answer, max: count('max') };
}
