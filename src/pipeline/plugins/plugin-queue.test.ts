import { expect, test, vi } from 'vitest';
import type { Delta } from '../../contracts/chat.ts';
import type { DeltaEvent } from '../../contracts/plugin.ts';
import type { PluginHost } from '../../plugins/host.ts';
import { PluginQueue } from './plugin-queue.ts';
import type { PluginsOfCall } from './plugins-of-call.ts';

/** A plugin elsewhere that answers when it is told to. */
function setUp() {
  const asked: { event: DeltaEvent; answer: () => void }[] = [];
  const host = {
    config: { mode: 'thread' },
    ask: (_hook: string, make: () => DeltaEvent) =>
      new Promise((resolve) => asked.push({ event: make(), answer: () => resolve(null) })),
  } as unknown as PluginHost; // what a queue asks of it
  const plugins = { broken: null, info: () => ({}) } as unknown as PluginsOfCall; // likewise
  const begin = (text: string) => {
    const out: Delta[] = [];
    const queue = new PluginQueue(
      [host],
      plugins,
      (delta) => out.push(delta),
      () => {},
    );
    queue.push([
      { kind: 'open', index: 0, block: 'text' },
      { kind: 'text', index: 0, text },
    ]);
    return { queue, out };
  };
  const heard = (): string[] => asked.map(({ event }) => (event.last ? 'end' : event.text));
  const answer = async (at: number, then: string[]): Promise<void> => {
    asked[at]!.answer();
    await vi.waitFor(() => expect(heard()).toEqual(then));
  };
  return { begin, heard, answer };
}

test('an answer that goes on for two that broke at once is heard behind the end of both', async () => {
  const { begin, heard, answer } = setUp();
  const [first, second] = [begin('one'), begin('two')];
  expect(heard()).toEqual(['one', 'two']);
  first.queue.close();
  second.queue.close();
  const third = begin('three');
  // The second's end is heard and answered; the first's is not.
  await answer(1, ['one', 'two', 'end']);
  await answer(2, ['one', 'two', 'end']);
  await answer(0, ['one', 'two', 'end', 'end']);
  await answer(3, ['one', 'two', 'end', 'end', 'three']);
  await answer(4, ['one', 'two', 'end', 'end', 'three']);
  await vi.waitFor(() => expect(third.out.at(-1)).toMatchObject({ kind: 'text', text: 'three' }));
  expect([first.out.length, second.out.length]).toEqual([1, 1]);
});
