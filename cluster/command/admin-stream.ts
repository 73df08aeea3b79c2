// Server-sent events of the admin API, one after the other, for commands that go on.
import type { IncomingMessage } from 'node:http';
import { nodeHttp, nodeHttps } from '../../src/wire/node-http.ts';
import { AdminCallError, type AdminTarget } from './admin-client.ts';

export interface StreamEvent {
  readonly name: string;
  /** Parsed JSON. */
  readonly data: unknown;
}

/** Longer than the pauses between comments of a stream that lives. */
const SILENT_MS = 30_000;

/**
 * Events until the gateway ends the stream. @throws AdminCallError
 * @param begun once it listens: what comes from now on is told
 */
export async function* streamAdmin(
  target: AdminTarget,
  path: string,
  begun: () => void = () => undefined,
): AsyncGenerator<StreamEvent> {
  const answer = await opened(target, path, 'text/event-stream');
  begun();
  let text = '';
  for await (const piece of answer) {
    text += String(piece);
    const events = text.split('\n\n');
    text = events.pop()!;
    for (const event of events) {
      const read = eventOf(event);
      if (read !== null) yield read;
    }
  }
}

/** An answer of any length, piece by piece. @throws AdminCallError, also when it was cut off */
export async function pipeAdmin(
  target: AdminTarget,
  path: string,
  write: (text: string) => void,
): Promise<void> {
  const answer = await opened(target, path, '*/*');
  try {
    for await (const piece of answer) write(String(piece));
  } catch (error) {
    throw new AdminCallError(
      `the answer broke off: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** @throws AdminCallError unless it is a 200. */
async function opened(
  { url: base, token }: AdminTarget,
  path: string,
  accept: string,
): Promise<IncomingMessage> {
  const url = new URL(path, base);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = (url.protocol === 'https:' ? nodeHttps() : nodeHttp()).request(url, {
      timeout: SILENT_MS,
      headers: { authorization: `Bearer ${token}`, accept },
    });
    request.on('timeout', () => request.destroy(new Error('nothing comes any more')));
    request.on('error', (error) => reject(new AdminCallError(`${base} cannot be reached: ${error.message}`)));
    request.on('response', resolve);
    request.end();
  });
  answer.setEncoding('utf8');
  if (answer.statusCode === 200) return answer;
  let said = '';
  for await (const piece of answer) said += String(piece).slice(0, 10_000);
  throw new AdminCallError(`the gateway answered with status ${answer.statusCode}: ${messageOf(said)}`);
}

/** Null: a comment, or nothing that is told. */
function eventOf(text: string): StreamEvent | null {
  let name = 'message';
  let data = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('event: ')) name = line.slice(7);
    else if (line.startsWith('data: ')) data += line.slice(6);
  }
  return data === '' ? null : { name, data: JSON.parse(data) };
}

function messageOf(text: string): string {
  try {
    const body = JSON.parse(text) as { error?: { message?: string } }; // looked at with care
    return body.error?.message ?? '';
  } catch {
    return '';
  }
}
