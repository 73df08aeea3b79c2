import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { FedSource } from '../../tests/kit/fed-source.ts';
import { FormReader } from '../body/form.ts';
import type { BodyReader } from '../contracts/body-source.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Spool } from '../contracts/spool.ts';
import { FormUpload } from './form-upload.ts';

class MemorySpool implements Spool {
  drained: (() => void) | null = null;
  closed = false;
  #pieces: Buffer[] = [];
  write(piece: Buffer): boolean {
    this.#pieces.push(piece);
    return true;
  }
  read(): Promise<Buffer | null> {
    return Promise.resolve(this.#pieces.shift() ?? null);
  }
  close(): void {
    this.closed = true;
  }
}

class Reader implements BodyReader {
  pieces: Buffer[] = [];
  wants = true;
  over = false;
  error: GatewayError | null = null;
  data(piece: Buffer): boolean {
    this.pieces.push(piece);
    return this.wants;
  }
  end(): void {
    this.over = true;
  }
  failed(error: GatewayError): void {
    this.error = error;
  }
  get text(): string {
    return Buffer.concat(this.pieces).toString('latin1');
  }
}

function begin(length = -1) {
  const source = new FedSource(length);
  const spool = new MemorySpool();
  const open = vi.fn(() => spool);
  const form = new FormUpload(source, new FormReader('b', ['model']), 'model', open);
  const named = form.named();
  named.catch(() => {});
  return { source, spool, open, form, named };
}

const field = (name: string, value: string): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const END = '--b--\r\n';
const large = 'x'.repeat(300_000);

describe('a form on its way', () => {
  it('is handed on from its beginning once its model is known, under the name it has there', async () => {
    const { source, form, named, open } = begin(100);
    const reader = new Reader();
    source.feed(field('model', 'ears') + field('file', 'one').slice(0, 60));
    await named;
    form.rename('whisper');
    expect(form.length).toBe(103);
    form.pull(reader);
    source.feed(`${field('file', 'one').slice(60)}${END}`);
    source.end();
    expect(reader.text).toBe(field('model', 'whisper') + field('file', 'one') + END);
    expect([reader.over, form.ended, open.mock.calls.length]).toEqual([true, true, 0]);
  });

  it('waits on disk where much comes before the model', async () => {
    const { source, form, named, open, spool } = begin();
    source.feed(field('file', large));
    source.feed(`${field('model', 'ears')}--b`);
    await named;
    expect(open).toHaveBeenCalledTimes(1);
    const reader = new Reader();
    form.pull(reader);
    source.feed('--\r\n');
    source.end();
    await vi.waitFor(() => expect(reader.over).toBe(true));
    expect(reader.text).toBe(field('file', large) + field('model', 'ears') + END);
    expect(spool.closed).toBe(true);
  });

  it('is the same whatever its pieces, and however often its reader has to wait', async () => {
    const text = `${field('file', 'a\r\n--\r\n')}${field('model', 'ears')}${field('language', 'de')}${END}`;
    const pieces = fc.array(fc.integer({ min: 1, max: text.length - 1 }), { maxLength: 12 });
    const names = fc.constantFrom('ears', 'whisper', '', 'm'.repeat(50));
    await fc.assert(
      fc.asyncProperty(pieces, names, fc.array(fc.boolean()), async (cuts, name, waits) => {
        const { source, form, named } = begin();
        const reader = new Reader();
        const places = [...new Set([0, ...cuts, text.length])].sort((a, b) => a - b);
        const parts = places.slice(1).map((to, at) => text.slice(places[at], to));
        let known = false;
        for (const [at, part] of parts.entries()) {
          source.feed(part);
          await Promise.resolve();
          reader.wants = waits[at] !== true;
          if (!known && /name="model"\r\n\r\nears\r\n--b/.test(parts.slice(0, at + 1).join(''))) {
            await named;
            known = true;
            form.rename(name);
            form.pull(reader);
          } else if (known) form.resume();
        }
        source.end();
        reader.wants = true;
        form.resume();
        await vi.waitFor(() => expect(reader.over).toBe(true));
        expect(reader.text).toBe(text.replace('\r\n\r\nears\r\n', `\r\n\r\n${name}\r\n`));
      }),
      { numRuns: 60 },
    );
  });

  it('has none', async () => {
    const { source, named } = begin();
    source.feed(field('file', 'one') + END);
    source.end();
    await expect(named).resolves.toBeUndefined();
  });

  it('that names a second model fails, also where the first went on already', async () => {
    const { source, form, named } = begin();
    source.feed(field('model', 'ears') + field('file', 'one'));
    await named;
    const reader = new Reader();
    form.pull(reader);
    source.feed(field('model', 'other'));
    expect(reader.error?.code).toBe('GW_CLIENT_BAD_REQUEST');
    expect([source.aborted, reader.over]).toEqual([true, false]);
  });

  it.each([
    ['breaks off', (source: FedSource) => source.end()],
    ['is none', (source: FedSource) => source.feed('--b\r\nx\r\n\r\n')],
    ['is too large', (source: FedSource) => source.fail(new GatewayError('GW_CLIENT_TOO_LARGE'))],
  ])('that %s fails while its model is looked for', async (_how, breaks) => {
    const { source, named } = begin();
    source.feed('--b\r\n');
    breaks(source);
    await expect(named).rejects.toBeInstanceOf(GatewayError);
  });

  it('that fails between its model and its reader is told of to the reader', async () => {
    const { source, form, named } = begin();
    source.feed(`${field('model', 'ears')}--b`);
    await named;
    source.fail(new GatewayError('GW_CLIENT_TOO_LARGE'));
    const reader = new Reader();
    form.pull(reader);
    expect(reader.error?.code).toBe('GW_CLIENT_TOO_LARGE');
    expect([source.aborted, reader.over, form.begun]).toEqual([true, false, false]);
  });

  it('lets go of everything when nobody wants it', async () => {
    const { source, form, spool } = begin();
    source.feed(field('file', large));
    form.abort();
    form.abort();
    expect([source.aborted, spool.closed]).toEqual([true, true]);
    form.pull(new Reader());
    expect(form.begun).toBe(false);
  });

  it('waits until its reader wants more', async () => {
    const { source, form, named } = begin();
    source.feed(field('model', 'ears') + field('c', 'd'));
    await named;
    const reader = new Reader();
    reader.wants = false;
    form.pull(reader);
    expect(source.feed(field('a', 'b'))).toBe(false);
    const before = source.resumed;
    reader.wants = true;
    form.resume();
    expect(source.resumed).toBe(before + 1);
  });
});
