import { expect, test } from 'vitest';
import { parseDataUrl } from './data-url.ts';

test.each([
  ['data:image/png;base64,aGk=', { mediaType: 'image/png', data: 'aGk=' }],
  ['DATA:Image/JPEG;charset=x;BASE64,aGk', { mediaType: 'image/jpeg', data: 'aGk' }],
  ['data:;base64,', { mediaType: '', data: '' }],
  ['data:image/svg+xml,%3Csvg%2F%3E', { mediaType: 'image/svg+xml', data: 'PHN2Zy8+' }],
  ['data:image/png;base64,a b', null],
  ['data:image/png;base64', null],
  ['data:text/plain,%E0%A4%A', null],
  ['https://x.test/data:image/png;base64,aGk=', null],
])('%s', (url, wanted) => {
  expect(parseDataUrl(url)).toEqual(wanted);
});

test('a large body of data is checked without overflowing the stack', () => {
  const data = 'A'.repeat(8_000_000);
  expect(parseDataUrl(`data:image/png;base64,${data}`)?.data.length).toBe(data.length);
});
