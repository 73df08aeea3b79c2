// A conversation as one text, in the form a model was trained on. Beginnings of a text (`<s>`) are not written: servers that make
// tokens of a text put them there themselves.
import type { GrpcConfig, PromptFormat } from '../../contracts/grpc-provider.ts';
import type { AskMessage } from './ask.ts';

function marked(begin: (role: string) => string, end: string, model = 'assistant'): PromptFormat {
  return {
    begin: '',
    system: [begin('system'), end],
    user: [begin('user'), end],
    assistant: [begin(model), end],
    answer: begin(model),
  };
}

/** Forms by name, as the tokenizers of their families have them. */
export const PROMPT_FORMATS = {
  chatml: marked((role) => `<|im_start|>${role}\n`, '<|im_end|>\n'),
  llama3: marked((role) => `<|start_header_id|>${role}<|end_header_id|>\n\n`, '<|eot_id|>'),
  gemma: {
    ...marked((role) => `<start_of_turn>${role}\n`, '<end_of_turn>\n', 'model'),
    system: null,
  },
  mistral: { begin: '', system: null, user: ['[INST] ', ' [/INST]'], assistant: [' ', '</s>'], answer: '' },
} as const satisfies Readonly<Record<string, PromptFormat>>;

export type PromptFormatName = keyof typeof PROMPT_FORMATS;

export function promptOf(messages: readonly AskMessage[], format: GrpcConfig['prompt']): string {
  if (format === 'last') return messages.findLast(({ role }) => role === 'user')?.text ?? '';
  return format === 'plain' ? plain(messages) : formatted(messages, format);
}

/** Words as they are; who said which, once there are several turns. */
function plain(messages: readonly AskMessage[]): string {
  const turns = messages.filter(({ role }) => role !== 'system');
  if (turns.length <= 1) return messages.map(({ text }) => text).join('\n\n');
  const lines = messages.map(({ role, text }) => {
    if (role === 'system') return text;
    return `${role === 'user' ? 'User' : 'Assistant'}: ${text}`;
  });
  return [...lines, 'Assistant:'].join('\n\n');
}

function formatted(messages: readonly AskMessage[], format: PromptFormat): string {
  let text = format.begin;
  let waiting = '';
  for (const message of messages) {
    const around = format[message.role];
    if (around === null) {
      waiting += `${message.text}\n\n`;
      continue;
    }
    const [before, after] = around;
    const words = message.role === 'user' ? waiting + message.text : message.text;
    if (message.role === 'user') waiting = '';
    text += before + words + after;
  }
  // Instructions that no words of the user came behind.
  if (waiting !== '') text += format.user[0] + waiting.trimEnd() + format.user[1];
  return text + format.answer;
}
