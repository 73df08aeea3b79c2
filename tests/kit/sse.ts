// Reading server-sent events on the client's side of a test, plainly and apart from the gateway's own scanner.
import { tryJson } from './json.ts';

export interface TestEvent {
  event: string;
  data: string;
  /** `data` as JSON, undefined when it is none (such as [DONE]). */
  json: unknown;
}

/** All whole events of an SSE text. A tail without its blank line is not an event. */
export function parseSse(text: string): TestEvent[] {
  const blocks = text
    .replace(/^\ufeff/, '')
    .replaceAll('\r\n', '\n')
    .replaceAll('\r', '\n')
    .split('\n\n');
  const events: TestEvent[] = [];
  for (const block of blocks.slice(0, -1)) {
    let event = '';
    const data: string[] = [];
    for (const line of block.split('\n')) {
      const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
      if (field === 'event') event = value;
      else if (field === 'data') data.push(value);
    }
    if (data.length > 0 || event !== '') {
      const joined = data.join('\n');
      events.push({ event, data: joined, json: tryJson(joined) });
    }
  }
  return events;
}
