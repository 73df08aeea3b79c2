import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { KeptBody } from '../src/contracts/log-store.ts';
import { FileJournal } from '../src/journal/journal.ts';
import { readLeft } from '../src/journal/left.ts';
import { frameAt, openSegment } from '../src/observability/requests/segment.ts';
import { attempt, settledCall } from '../src/observability/settled-call.fixture.ts';
import { createRequestSpool } from './request-spool.ts';

const NOW = 1_764_000_000_000;
const call = (id: string) => Object.assign(settledCall({ attempts: [attempt({ costNano: 7 })] }), { id });

/** Calls in whole segments of a folder. */
function callsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const frame = frameAt(readFileSync(join(folder, name)), 0);
    return frame.kind === 'whole' ? openSegment(frame.payload).rows.map((row) => row.call) : [];
  });
}

it('rows of a spool whose place changed are in a file before those of the next one are', async () => {
  const place = mkdtempSync(join(tmpdir(), 'headgate-spools-'));
  const fd = openSync(join(place, 'journal'), 'wx+');
  const [old, next] = [join(place, 'old'), join(place, 'new')];
  const heard: { segment: number; old: string[]; next: string[] }[] = [];
  const journal = new (class extends FileJournal {
    override segmentWritten(segment: number): void {
      if (segment > (heard.at(-1)?.segment ?? 0))
        heard.push({ segment, old: callsIn(old), next: callsIn(next) });
      super.segmentWritten(segment);
    }
  })(fd);
  const holder = createRequestSpool(3, () => NOW, journal);
  try {
    holder.follow({ folder: old, maxBytes: 1e9 });
    holder.current!.take(call('first'));
    journal.seal();
    // It takes the disk longer than what comes behind it.
    const body: KeptBody = {
      call: 'first',
      at: NOW,
      kind: 'answer',
      bytes: 7e6,
      truncated: false,
      sha256: '',
      encoding: 'utf8',
      text: randomBytes(3.5e6).toString('hex'),
    };
    holder.current!.body(body);
    holder.follow({ folder: next, maxBytes: 1e9 });
    holder.current!.take(call('second'));
    journal.seal();
    await holder.current!.flush();
    expect(heard).toEqual([
      { segment: 1, old: ['first'], next: [] },
      { segment: 2, old: ['first'], next: ['second'] },
    ]);
    expect(readLeft(readFileSync(join(place, 'journal'))).segments).toEqual([]);
  } finally {
    await holder.close();
    closeSync(fd);
    rmSync(place, { recursive: true, force: true });
  }
});
