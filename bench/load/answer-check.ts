// Whether an answer is one of the mock's, in the dialect the client speaks: a gateway that answers by itself, or passes
// the provider's dialect on untranslated, must not look fast.
import type { Dialect } from '../contract.ts';
import { ANSWER_OPENING } from '../mock/script.ts';

/** What is wrong with the body, or null. */
export function answerFault(dialect: Dialect, body: string): string | null {
  let text: unknown;
  try {
    text = contentOf(dialect, JSON.parse(body) as never);
  } catch {
    return `not a whole ${dialect} answer: ${body.slice(0, 200)}`;
  }
  return typeof text === 'string' && text !== '' && ANSWER_OPENING.startsWith(text.slice(0, 30))
    ? null
    : `not the mock's answer in ${dialect}: ${body.slice(0, 200)}`;
}

/** @throws TypeError where the shape is another one. */
function contentOf(dialect: Dialect, answer: never): unknown {
  switch (dialect) {
    case 'openai':
      return (answer as { choices: [{ message: { content: unknown } }] }).choices[0].message.content;
    case 'responses':
      return (answer as { output: [{ content: [{ text: unknown }] }] }).output[0].content[0].text;
    case 'anthropic':
      return (answer as { content: [{ text: unknown }] }).content[0].text;
    case 'gemini':
      return (answer as { candidates: [{ content: { parts: [{ text: unknown }] } }] }).candidates[0].content
        .parts[0].text;
    case 'bedrock':
      return (answer as { output: { message: { content: [{ text: unknown }] } } }).output.message.content[0]
        .text;
  }
}
