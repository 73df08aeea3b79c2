// A body whose files are looked up while it goes by, cut anywhere.
import { expect, test } from 'vitest';
import type { BodyReader, BodySource } from '../contracts/body-source.ts';
import { CheckedUpload } from './checked-upload.ts';

/** Hands on `pieces` at once. */
function sourceOf(pieces: readonly (string | Buffer)[]): BodySource & { aborted: boolean } {
  return {
    length: -1,
    received: 0,
    ended: false,
    begun: false,
    aborted: false,
    pull(reader) {
      for (const piece of pieces) reader.data(Buffer.from(piece as string));
      reader.end();
    },
    resume() {},
    abort() {
      this.aborted = true;
    },
  };
}

async function through(
  pieces: readonly (string | Buffer)[],
  own: readonly string[],
  wide = false,
): Promise<{ text: string; how: string; asked: string[] }> {
  const asked: string[] = [];
  const upload = new CheckedUpload(
    sourceOf(pieces),
    (ids) => {
      asked.push(...ids);
      return Promise.resolve(ids.every((id) => own.includes(id)));
    },
    'forwarded',
    null,
    wide,
  );
  let text = '';
  const how = await new Promise<string>((resolve) => {
    const reader: BodyReader = {
      data(piece) {
        text += piece.toString();
        return true;
      },
      end: () => resolve('end'),
      failed: ({ code }) => resolve(code),
    };
    upload.pull(reader);
  });
  return { text, how, asked };
}

const batch = (id: string) =>
  `{"requests":[{"params":{"content":[{"source":{"type":"file","file_id":"${id}"}}]}}]}`;

test('goes on whole where all its files are the caller’s, each asked for once', async () => {
  const text = batch('file_mine') + batch('file_mine');
  for (let cut = 1; cut < text.length; cut += 7) {
    const made = await through([text.slice(0, cut), text.slice(cut)], ['file_mine']);
    expect(made).toEqual({ text, how: 'end', asked: ['file_mine'] });
  }
  expect(await through([], [])).toMatchObject({ text: '', how: 'end' });
});

test.each([
  batch('file_yours'),
  batch('file_yours').replace('"file_id":', `"file_id"${' '.repeat(9_000)}:\n\t`),
  batch('file_yours').replace('"file_id"', '"\\u0066ile_\\u0069d"'),
  batch('\\u0066ile_yours'),
])('is never whole where one is somebody else’s, however it is written and cut: %#', async (text) => {
  for (const cut of [1, 40, 66, 70, text.length - 2]) {
    const made = await through([text.slice(0, cut), text.slice(cut)], ['file_mine']);
    expect(made.how).toBe('GW_CLIENT_OBJECT_NOT_FOUND');
    expect(made.text.length).toBeLessThan(text.length);
  }
});

const lines = (ids: readonly string[]) =>
  `--b\r\ncontent-disposition: form-data; name="file"\r\n\r\n${ids
    .map((id) => `{"custom_id":"1","body":{"tools":[{"container":{"file_ids":[ "${id}" , 7]}}]}}\n`)
    .join('')}\r\n--b--`;

test('lists of files in the lines of a file are looked up, however long and cut', async () => {
  const ids = Array.from({ length: 400 }, (_, at) => `file-${at}-${'x'.repeat(20)}`);
  const long = `{"body":{"container":{"file_ids":${JSON.stringify(ids)}}}}\n`;
  for (const text of [lines(['file-a', 'file-b']), long]) {
    for (const size of [11, 97, 1_000, 20_000]) {
      const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g'))!;
      const made = await through(pieces, [...ids, 'file-a', 'file-b']);
      expect([made.text, made.how]).toEqual([text, 'end']);
      expect(made.asked).toEqual(text === long ? ids : ['file-a', 'file-b']);
    }
  }
  expect((await through([lines(['file-a', 'file-yours'])], ['file-a'])).how).toBe(
    'GW_CLIENT_OBJECT_NOT_FOUND',
  );
});

test('addresses whose slashes have backslashes are read, one by one and in lists', async () => {
  const text = '{"fileUri":"https:\\/\\/g.example\\/v1beta\\/files\\/a","file_ids":["files\\/b","c"]}';
  for (let cut = 1; cut < text.length; cut += 5) {
    const made = await through([text.slice(0, cut), text.slice(cut)], ['files/a', 'files/b', 'c']);
    expect([made.text, made.how]).toEqual([text, 'end']);
    expect(made.asked.toSorted()).toEqual(['c', 'files/a', 'files/b']);
  }
});

test('what only looks like a name of a file is none', async () => {
  const text = '{"text":"say \\"file_id\\":\\"file_yours\\" twice"}';
  expect(await through([text], [])).toEqual({ text, how: 'end', asked: [] });
});

test('who leaves is told to its source', () => {
  const source = sourceOf([]);
  new CheckedUpload(source, () => Promise.resolve(true)).abort();
  expect(source.aborted).toBe(true);
});

test('what is forwarded by a provider’s own path may name objects in more ways', async () => {
  const text = JSON.stringify({
    training_file: 'file-a',
    inputConfig: { fileName: 'files/b' },
    conversation: { id: 'conv_c' },
    file_search_store_names: ['fileSearchStores/d', 'fileSearchStores/e'],
    previous_response_id: 'resp_f',
  });
  for (let cut = 1; cut < text.length; cut += 9) {
    const asked: string[] = [];
    const source = sourceOf([text.slice(0, cut), text.slice(cut)]);
    const mayName = (ids: readonly string[]): Promise<boolean> => Promise.resolve(asked.push(...ids) > 0);
    const upload = new CheckedUpload(source, mayName, 'forwarded');
    await new Promise<void>((resolve) =>
      upload.pull({ data: () => true, end: resolve, failed: () => resolve() }),
    );
    expect(asked.toSorted()).toEqual([
      'conv_c',
      'file-a',
      'fileSearchStores/d',
      'fileSearchStores/e',
      'files/b',
      'resp_f',
    ]);
  }
});

test('is refused where names in it are written in UTF-16, however it is cut', async () => {
  const wide = Buffer.from('{"file_id":"file_yours"}', 'utf16le');
  for (let cut = 1; cut < wide.length; cut++) {
    const made = await through([wide.subarray(0, cut), wide.subarray(cut)], [], true);
    // Its provider never has all of it.
    expect(made.how).toBe('GW_CLIENT_MEDIA_TYPE');
    expect(Buffer.byteLength(made.text)).toBeLessThan(wide.length);
  }
  // What a picture begins with says nothing.
  expect((await through([wide], [])).how).toBe('end');
});
