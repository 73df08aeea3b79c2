// Server-sent events by fetch: the one way for live tails and streamed answers, with a body and a way to stop.

export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** Whole events of a text that comes in pieces; what is not whole waits. */
export function createEventReader(): (piece: string) => ServerEvent[] {
  let rest = '';
  return (piece) => {
    rest += piece;
    const found: ServerEvent[] = [];
    for (;;) {
      const end = /\r?\n\r?\n/.exec(rest);
      if (end === null) return found;
      const block = rest.slice(0, end.index);
      rest = rest.slice(end.index + end[0].length);
      const event = eventOf(block);
      if (event !== null) found.push(event);
    }
  };
}

function eventOf(block: string): ServerEvent | null {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
    else if (line.startsWith('event:')) event = line.slice(6).trim();
  }
  return data.length === 0 ? null : { event, data: data.join('\n') };
}

/** Resolves when the stream has ended. @throws what the connection threw */
export async function readEvents(response: Response, take: (event: ServerEvent) => void): Promise<void> {
  const { body } = response;
  if (body === null) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const read = createEventReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const event of read(value)) take(event);
  }
}
