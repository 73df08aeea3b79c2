import { describe, expect, it } from 'vitest';
import { FrameWriter } from './frame-writer.ts';
import { jsonList } from './json-list.ts';

describe('events as one JSON list', () => {
  it('are its elements, whatever is taken when', () => {
    const frames = new FrameWriter(jsonList);
    const taken: string[] = [];
    for (const data of ['{"a":1}', '{\n"b":2\n}', '{"c":3}']) {
      frames.emitLines('', data);
      taken.push(frames.take().toString());
    }
    frames.close();
    taken.push(frames.take().toString());
    expect(JSON.parse(taken.join(''))).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }]);
    expect(taken[0]).toBe('[{"a":1}');
    expect(taken.at(-1)).toBe(']');
  });

  it('may be none', () => {
    const frames = new FrameWriter(jsonList);
    frames.close();
    expect(frames.take().toString()).toBe('[]');
  });

  it('go on where somebody else began', () => {
    const frames = new FrameWriter(jsonList, true);
    frames.emit('', '{"error":{}}');
    frames.close();
    expect(JSON.parse(`[{}${frames.take().toString()}`)).toEqual([{}, { error: {} }]);
  });
});
