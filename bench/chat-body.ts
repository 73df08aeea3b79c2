// The request of the bench: a chat call of 1 KB, with a history, as small talk with a model looks.
import { MODEL } from './targets.ts';

const BYTES = 1024;

/** Exactly 1 KB of JSON. */
export function chatBody(stream: boolean): string {
  const build = (filler: string): string =>
    JSON.stringify({
      model: MODEL,
      messages: [
        {
          role: 'system',
          content: 'You are a helpful assistant. Answer briefly and say so when you do not know.',
        },
        { role: 'user', content: 'What does a headgate do?' },
        { role: 'assistant', content: 'It lets water from a river into a canal, "as much as is wanted".' },
        { role: 'user', content: filler },
      ],
      temperature: 0.7,
      max_tokens: 256,
      stream,
    });
  const text =
    'And what happens to the other channels when one of them is blocked?\nTell me in a few words. ';
  const room = BYTES - Buffer.byteLength(build(''));
  // A line break costs two bytes in JSON: fill with text, then make up the rest with dots.
  let filler = '';
  while (Buffer.byteLength(JSON.stringify(filler + text)) - 2 <= room) filler += text;
  filler += '.'.repeat(room - (Buffer.byteLength(JSON.stringify(filler)) - 2));
  return build(filler);
}
