import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ModelScan } from './named-models.ts';

function modelsOf(text: string, lines: boolean, cuts: readonly number[] = []): readonly string[] | null {
  const scan = new ModelScan(lines);
  const bytes = Buffer.from(text);
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    const to = Math.min(cut, bytes.length);
    if (to <= from) continue;
    scan.look(bytes.subarray(from, to));
    from = to;
  }
  scan.look(bytes.subarray(from));
  scan.end();
  return scan.models;
}
const line = (body: object | string): string =>
  `{"custom_id":"a","method":"POST","url":"/v1/x","body":${typeof body === 'string' ? body : JSON.stringify(body)}}`;
/** What is no letter, as its number. */
const spelled = (letter: string): string =>
  /[a-z]/.test(letter) ? letter : `\\u00${letter.charCodeAt(0).toString(16)}`;
const FILE = [
  line({ model: 'a', input: 'x\n{"' }),
  line('{"input":1, "model" : "b\\/c"}'),
  line({ model: 'a' }),
];
const FORM = `--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="f.jsonl"\r\nContent-Type: application/jsonl\r\n\r\n${FILE.join('\n')}\n\r\n--b--\r\n`;

describe('the models of a file of requests', () => {
  test.each([
    ['bare', FILE.join('\n')],
    ['in a form', FORM],
    ['with other line ends', FILE.join('\r\n')],
    ['behind a byte order mark', `\ufeff${FILE.join('\n')}`],
  ])('%s', (_, text) => {
    expect(modelsOf(text, true)).toEqual(['a', 'b/c']);
  });

  test('are the same however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: FORM.length }), { maxLength: 8 }), (cuts) => {
        expect(modelsOf(FORM, true, cuts)).toEqual(['a', 'b/c']);
      }),
    );
  });

  test.each([
    ['a line without one', line({ input: 'x' })],
    ['a name in disguise', line('{"mod\\u0065l":"o3","x":{"model":"a"}}')],
    ['a value in disguise', line('{"model":"\\u006f3"}')],
    ['white space without end', line(`{"model"${' '.repeat(2_000)}:"o3","x":{"model":"a"}}`)],
    ['a stored prompt', line({ prompt: { id: 'p' }, tools: [{ type: 'image_generation', model: 'a' }] })],
    ['something in front', `x ${line({ model: 'a' })}`],
    ['white space that some end a line at', line('{"metadata":{"model":"a"},"model"\r:"o3"}')],
    ['more of it behind that', line('{"metadata":{"model":"a"},"model":\r"o3"}')],
    ['a line end in it', line('{"metadata":{"model":"a"},"model"\n:"o3"}')],
    ['a line end behind its colon', line('{"metadata":{"model":"a"},"model": \n"o3"}')],
    [
      'a long way to write it',
      line(
        `{"metadata":{"model":"a"},"model":"${[...'gpt-4o-mini-search-preview-2025-03-11'].map(spelled).join('')}"}`,
      ),
    ],
    ['sixteen bits a letter', `{\0"\0m\0o\0d\0e\0l\0"\0:\0"\0o\u{33}\0"\0 "model":"a"`],
    [
      'a part that is coded',
      `Content-Transfer-Encoding: quoted-printable\r\n\r\n${line('{"metadata":{"model":"a"},"mod=65l":"o3"}')}`,
    ],
    ['too many', Array.from({ length: 17 }, (_, at) => line({ model: `m${at}` })).join('\n')],
  ])('are not known for %s', (_, odd) => {
    expect(modelsOf([FILE[0]!, odd].join('\n'), true)).toBeNull();
  });

  test('are all that anybody could read: in capitals, and on a line that begins none', () => {
    expect(modelsOf(line('{"model":"a","Model":"o3"}'), true)).toEqual(['a', 'o3']);
    expect(modelsOf(`${FILE[0]!.slice(0, -1)},\n"model":"o3"}`, true)).toEqual(['a', 'o3']);
    const form = FORM.replace('Content-Type', 'Content-Transfer-Encoding: binary\r\nContent-Type');
    expect(modelsOf(form, true)).toEqual(['a', 'b/c']);
    const mail = line('{"model":"a","input":"Content-Transfer-Encoding: base64"}');
    expect(modelsOf(mail, true)).toEqual(['a']);
  });

  test('are none where there is no request', () => {
    expect(modelsOf('', true)).toBeNull();
    expect(modelsOf('--b\r\n\r\nbatch\r\n--b--', true)).toBeNull();
  });

  test('what is only said of one is none', () => {
    const said = line({ model: 'a', messages: [{ content: 'say {"model": "o3"}' }], required: ['model'] });
    expect(modelsOf(said, true)).toEqual(['a']);
  });
});

test('a list of requests in one body names them anywhere', () => {
  const requests = ['a', 'b'].map((model) => ({ custom_id: model, params: { model, max_tokens: 1 } }));
  expect(modelsOf(JSON.stringify({ requests }, null, 2), false, [20, 40, 60])).toEqual(['a', 'b']);
  expect(modelsOf('{"requests":[]}', false)).toBeNull();
  // A tool may have a parameter of that name.
  expect(modelsOf('{"model":"a","properties":{"prompt":{}}}', false)).toEqual(['a']);
});
