import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Upstream, UpstreamCall, UpstreamHandler } from '../contracts/upstream.ts';
import { createDemoUpstream } from './demo.ts';

interface Heard {
  log: string[];
  status: number;
  type: unknown;
  pieces: string[];
  call: UpstreamCall;
}

function ask(
  upstream: Upstream,
  body: unknown,
  on: Partial<UpstreamHandler> = {},
  path = '/chat/completions',
): Heard {
  const heard: Heard = {
    log: [],
    status: 0,
    type: '',
    pieces: [],
    call: { pause() {}, resume() {}, abort() {} },
  };
  heard.call = upstream.send(
    {
      method: body === null ? 'GET' : 'POST',
      path,
      headers: {},
      body: body === null ? null : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    },
    {
      onSent: () => heard.log.push('sent'),
      onHead(status, headers) {
        heard.log.push('head');
        heard.status = status;
        heard.type = headers['content-type'];
        on.onHead?.(status, headers);
      },
      onData(chunk) {
        heard.log.push('data');
        heard.pieces.push(chunk.toString());
        on.onData?.(chunk);
      },
      onEnd: () => heard.log.push('end'),
      onError: () => heard.log.push('error'),
    },
  );
  return heard;
}

const messages = [{ role: 'user', content: 'What is a headgate?' }];
const events = (heard: Heard) =>
  heard.pieces.map((piece) => (piece === 'data: [DONE]\n\n' ? 'DONE' : JSON.parse(piece.slice(6))));
const body = (heard: Heard) => JSON.parse(heard.pieces.join(''));

let upstream: Upstream;
beforeEach(() => {
  vi.useFakeTimers();
  upstream = createDemoUpstream({ clock: { wall: () => 1_700_000_000_000 } });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the demo provider', () => {
  it('says that it is a demo and gives back what was asked', async () => {
    const heard = ask(upstream, { model: 'demo', messages });
    expect(heard.log).toEqual([]);
    await vi.runAllTimersAsync();
    expect(heard.log).toEqual(['sent', 'head', 'data', 'end']);
    expect(heard.type).toBe('application/json');
    const answer = body(heard);
    expect(answer).toMatchObject({ object: 'chat.completion', created: 1_700_000_000, model: 'demo' });
    expect(answer.choices[0].message.content).toMatch(/demo of Headgate.*You wrote: "What is a headgate\?"/);
    expect(answer.choices[0].finish_reason).toBe('stop');
    expect(answer.usage.total_tokens).toBe(answer.usage.prompt_tokens + answer.usage.completion_tokens);
  });

  it('streams word by word at its pace and ends as OpenAI does', async () => {
    const heard = ask(upstream, {
      model: 'm',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    await vi.advanceTimersByTimeAsync(205);
    const soFar = heard.pieces.length;
    expect(soFar).toBeGreaterThan(8);
    expect(soFar).toBeLessThan(13);
    await vi.runAllTimersAsync();
    const all = events(heard);
    expect(all[0].choices[0].delta).toEqual({ role: 'assistant', content: '' });
    const text = all.slice(1, -3).map((event) => event.choices[0].delta.content);
    expect(text.join('')).toContain('demo of Headgate');
    expect(all.at(-3).choices[0]).toMatchObject({ delta: {}, finish_reason: 'stop' });
    expect(all.at(-2)).toMatchObject({ choices: [], usage: { completion_tokens: text.length } });
    expect(all.at(-1)).toBe('DONE');
    expect(new Set(all.slice(0, -1).map(({ id }) => id)).size).toBe(1);
    expect(heard.log.at(-1)).toBe('end');
  });

  it('sends no usage unless asked', async () => {
    const heard = ask(upstream, { messages, stream: true });
    await vi.runAllTimersAsync();
    expect(heard.pieces.join('')).not.toContain('usage');
  });

  it('stops at max_tokens and says so', async () => {
    for (const field of ['max_tokens', 'max_completion_tokens']) {
      const heard = ask(upstream, { messages, [field]: 3 });
      await vi.runAllTimersAsync();
      expect(body(heard).choices[0]).toMatchObject({
        message: { content: 'This is the ' },
        finish_reason: 'length',
      });
      expect(body(heard).usage.completion_tokens).toBe(3);
    }
  });

  it('calls a tool when the request insists, and only then', async () => {
    const tools = ['first', 'second'].map((name) => ({ type: 'function', function: { name } }));
    const named = { type: 'function', function: { name: 'second' } };
    for (const [choice, name] of [
      ['required', 'first'],
      [named, 'second'],
      ['auto', null],
    ] as const) {
      const heard = ask(upstream, { messages, tools, tool_choice: choice });
      await vi.runAllTimersAsync();
      const [{ message, finish_reason }] = body(heard).choices;
      if (name === null) {
        expect(message.tool_calls).toBeUndefined();
      } else {
        expect(message.tool_calls).toMatchObject([{ type: 'function', function: { name, arguments: '{}' } }]);
        expect(finish_reason).toBe('tool_calls');
      }
    }
    const streamed = ask(upstream, { messages, tools, tool_choice: 'required', stream: true });
    await vi.runAllTimersAsync();
    const all = events(streamed);
    expect(all[0].choices[0].delta.tool_calls[0]).toMatchObject({ index: 0, function: { name: 'first' } });
    expect(all[1].choices[0].delta.tool_calls[0]).toEqual({ index: 0, function: { arguments: '{}' } });
    expect(all[2].choices[0].finish_reason).toBe('tool_calls');
  });

  it('lists its one model and refuses what it cannot read', async () => {
    const list = ask(upstream, null, {}, '/models');
    const unreadable = ask(upstream, '{');
    const elsewhere = ask(upstream, { messages }, {}, '/embeddings');
    await vi.runAllTimersAsync();
    expect(body(list).data.map(({ id }: { id: string }) => id)).toEqual(['demo']);
    expect([unreadable.status, elsewhere.status]).toEqual([400, 404]);
    expect(body(unreadable).error.type).toBe('invalid_request_error');
  });

  it('takes any content a message may have', async () => {
    const odd = [
      null,
      1,
      { role: 'user' },
      { role: 'user', content: [{ type: 'text', text: 'parts' }, null, 'x'] },
    ];
    const heard = ask(upstream, { messages: odd });
    await vi.runAllTimersAsync();
    expect(body(heard).choices[0].message.content).toContain('You wrote: "parts"');
  });

  it('sends nothing while paused and goes on where it stopped', async () => {
    const heard: Heard = ask(
      upstream,
      { messages, stream: true },
      {
        onData() {
          heard.call.pause();
          heard.call.resume(); // both at once must not double the pace
        },
      },
    );
    await vi.advanceTimersByTimeAsync(100);
    const before = heard.pieces.length;
    expect(before).toBeLessThan(8);
    heard.call.pause();
    await vi.advanceTimersByTimeAsync(5000);
    expect(heard.pieces.length).toBe(before);
    heard.call.resume();
    await vi.runAllTimersAsync();
    expect(heard.pieces.at(-1)).toBe('data: [DONE]\n\n');
  });

  it('falls silent when aborted, whenever that is', async () => {
    const atOnce = ask(upstream, { messages });
    atOnce.call.abort();
    const atHead: Heard = ask(upstream, { messages }, { onHead: () => atHead.call.abort() });
    const inside: Heard = ask(upstream, { messages, stream: true }, { onData: () => inside.call.abort() });
    await vi.runAllTimersAsync();
    expect(atOnce.log).toEqual([]);
    expect(atHead.log).toEqual(['sent', 'head']);
    expect(inside.log).toEqual(['sent', 'head', 'data']);
    expect(vi.getTimerCount()).toBe(0);
    expect(upstream.stats().running).toBe(0);
  });

  it('closes when its last call has ended', async () => {
    let closed = false;
    ask(upstream, { messages, stream: true });
    const closing = upstream.close().then(() => {
      closed = true;
    });
    await vi.advanceTimersByTimeAsync(100);
    expect(closed).toBe(false);
    await vi.runAllTimersAsync();
    await closing;
    expect(closed).toBe(true);
  });
});
