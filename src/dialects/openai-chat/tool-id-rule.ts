// Ids of tool calls as vendors of this dialect take them. OpenAI: at most 40 characters in the older and 64 in the newer
// models, letters, digits, `_` and `-` where an id goes on to Responses. Mistral: exactly nine letters or digits, wherever its
// models are served. Most servers take any.
import type { EncodeTarget } from '../../contracts/body.ts';
import { ANY_TOOL_ID, type ToolIdRule } from '../tool-ids.ts';

const OPENAI: ToolIdRule = { alphabet: /^[A-Za-z0-9_-]+$/, maxLength: 40, exact: false, spell: null };
const MISTRAL: ToolIdRule = { alphabet: /^[A-Za-z0-9]+$/, maxLength: 9, exact: true, spell: null };
const MISTRAL_MODELS = /(?:^|[/:])(?:open-)?(?:mi[sx]tral|ministral|codestral|devstral|magistral|pixtral)/i;

/** The rule of the vendor that gets the request. */
export function toolIdRule({ provider, model }: EncodeTarget): ToolIdRule {
  if (provider === 'openai' || provider === 'azure') return OPENAI;
  return provider === 'mistral' || MISTRAL_MODELS.test(model) ? MISTRAL : ANY_TOOL_ID;
}
