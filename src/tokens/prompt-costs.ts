// What a prompt costs besides its text. None of it is published as a rule by the vendors but OpenAI's frame (3 tokens a
// message, 3 to begin the answer, 1 for a name); the rest is taken from their guides and errs on the high side.
import type { DialectName } from '../contracts/dialect.ts';

export interface PromptCosts {
  /** Frame of the whole prompt. */
  request: number;
  message: number;
  /** A message's `name`. */
  name: number;
  /** A call of a tool besides its name and arguments. */
  toolCall: number;
  /** Once, when there are tools (Anthropic puts a system prompt of its own before them). */
  tools: number;
  /** A tool's definition besides its JSON. */
  tool: number;
  /** Pixels are not looked at: an image is taken to be 1024 x 1024. */
  image: number;
  imageLowDetail: number;
}

export const PROMPT_COSTS: Readonly<Record<DialectName, PromptCosts>> = {
  'openai-chat': {
    request: 3,
    message: 3,
    name: 1,
    toolCall: 3,
    tools: 9,
    tool: 4,
    image: 765,
    imageLowDetail: 85,
  },
  anthropic: {
    request: 3,
    message: 3,
    name: 1,
    toolCall: 3,
    tools: 346,
    tool: 4,
    image: 1_400,
    imageLowDetail: 1_400,
  },
};

/** A page of a PDF is about 50 KB and 2,000 tokens, with its picture. */
export const DOCUMENT = { bytesPerPage: 50_000, tokensPerPage: 2_000 } as const;
/** Speech is about 10 tokens a second, and a second of 16 kHz mono 32 KB. */
export const AUDIO_BYTES_PER_TOKEN = 3_200;
/** Opaque bytes (redacted thinking, signatures are not counted). */
export const OPAQUE_BYTES_PER_TOKEN = 4;
