// Request bodies the micro benches share.

const PROSE =
  'The lock keeper opens the gate a hand wide, and the water finds its own way down the channel. ';

/** A chat body of about `bytes` bytes: settings, and turns of prose; `accents` makes it not ASCII. */
export function chatBody(bytes: number, { accents = false, turnBytes = 400, spaced = false } = {}): Buffer {
  const prose = accents ? PROSE.replaceAll('e', 'é') : PROSE;
  const messages: { role: string; content: string }[] = [];
  const text = (size: number): string => prose.repeat(Math.ceil(size / prose.length)).slice(0, size);
  const print = (): string => {
    const body = { model: 'openai/gpt-4o-mini', messages, temperature: 0.7, max_tokens: 256, stream: true };
    return spaced ? JSON.stringify(body, null, 2) : JSON.stringify(body);
  };
  while (Buffer.byteLength(print()) < bytes) {
    const room = bytes - Buffer.byteLength(print());
    messages.push({
      role: messages.length % 2 === 0 ? 'user' : 'assistant',
      content: text(Math.min(turnBytes, room)),
    });
    if (bytes > 100_000 && messages.length === 1) {
      const each = Buffer.byteLength(JSON.stringify(messages[0])) + 1;
      for (let made = each; made + each < bytes; made += each) messages.push(messages[0]!);
    }
  }
  return Buffer.from(print());
}
