// As damaged-streams.test.ts for streams of binary frames: whatever happens to one frame, its client has all content or an
// error. Bytes of a frame cannot change unnoticed, as it has check sums (src/wire/event-stream.test.ts); frames can be gone,
// doubled or in another order.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Dialect, DialectName } from '../../src/contracts/dialect.ts';
import { dialects } from '../../src/registry/dialects.ts';
import { framesOf } from '../kit/frames.ts';
import { type Heard, hear, missing } from '../kit/heard.ts';
import { relayStream } from '../kit/relay-stream.ts';

const CONTEXT = { requestId: 'req_1', model: 'm', now: 1_760_000_000, includeUsage: true };
const RECORDED = join(import.meta.dirname, '../golden/recorded');

interface Way {
  name: string;
  from: Dialect;
  to: Dialect;
  /** Readable, one a frame. */
  events: string[];
}

const WAYS = (readdirSync(RECORDED) as DialectName[])
  .filter((name) => dialects[name].chat.framing.name !== 'sse')
  .flatMap((name) =>
    readdirSync(join(RECORDED, name)).flatMap((file) => {
      const events = readFileSync(join(RECORDED, name, file), 'utf8').match(/[\s\S]*?\n\n/g) ?? [];
      const from = dialects[name];
      return [from, dialects['openai-chat']].map(
        (to): Way => ({ name: `${name}/${file} to ${to.name}`, from, to, events }),
      );
    }),
  );

function relay({ from, to }: Way, events: readonly string[], cutBytes = 0): Heard {
  const frames = events.map((event) => framesOf(event, from.chat.framing.name));
  const last = frames.length - 1;
  if (cutBytes > 0) frames[last] = frames[last]!.subarray(0, -cutBytes);
  return hear(relayStream(frames, from, to, CONTEXT).text, to.name);
}

/** A piece of text or of thought, whose loss no rule tells of. */
const isPiece = (event: string): boolean =>
  /"delta":\{"(text|reasoningContent)"/.test(event) || /"type":"(text|thinking|signature)_delta"/.test(event);
function check(way: Way, events: readonly string[], whole: Heard, what: string, cutBytes = 0): void {
  const heard = relay(way, events, cutBytes);
  if (heard.clean) expect(missing(heard, whole), what).toEqual([]);
}

describe.each(WAYS)('$name', (way) => {
  const { events } = way;
  const whole = relay(way, events);

  it('is whole when nothing happens to it', () => {
    expect(whole.clean).toBe(true);
    expect(missing(whole, whole)).toEqual([]);
  });

  it('lacks nothing, or ends in an error, when one frame is dropped', () => {
    events.forEach((event, at) => {
      if (!isPiece(event)) check(way, events.toSpliced(at, 1), whole, `without ${event}`);
    });
  });

  it('lacks nothing, or ends in an error, when one frame comes twice', () => {
    events.forEach((event, at) => {
      check(way, events.toSpliced(at, 0, event), whole, `twice ${event}`);
    });
  });

  it('lacks nothing, or ends in an error, when two frames change places', () => {
    for (let one = 0; one < events.length; one++) {
      for (let other = one + 1; other < events.length; other++) {
        const swapped = events.with(one, events[other]!).with(other, events[one]!);
        check(way, swapped, whole, `${events[one]} for ${events[other]}`);
      }
    }
  });

  it('ends in an error wherever it breaks off', () => {
    for (let count = 1; count <= events.length; count++) {
      for (const cutBytes of [0, 1, 20]) {
        if (count === events.length && cutBytes === 0) continue;
        const heard = relay(way, events.slice(0, count), cutBytes);
        if (heard.clean) expect(missing(heard, whole), `behind ${count} less ${cutBytes}`).toEqual([]);
      }
    }
  });
});
