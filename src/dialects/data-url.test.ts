import { expect, test } from 'vitest';
import { parseDataUrl } from './data-url.ts';

test.each([
  ['data:image/png;base64,aGk=', { mediaType: 'image/png', data: 'aGk=', misnamed: false }],
  ['DATA:Image/JPEG;charset=x;BASE64,aGk', { mediaType: 'image/jpeg', data: 'aGk=', misnamed: false }],
  ['data:;base64,', { mediaType: '', data: '', misnamed: false }],
  ['data:image/svg+xml,%3Csvg%2F%3E', { mediaType: 'image/svg+xml', data: 'PHN2Zy8+', misnamed: false }],
  // URL-safe, without padding, in lines, escaped.
  ['data:image/png;base64,-_-_', { mediaType: 'image/png', data: '+/+/', misnamed: false }],
  ['data:image/png;base64,aGk\r\n', { mediaType: 'image/png', data: 'aGk=', misnamed: false }],
  ['data:image/png;base64,%2B%2F%2Fa', { mediaType: 'image/png', data: '+//a', misnamed: false }],
  // The bytes tell what the name does not, or tells wrongly.
  ['data:;base64,JVBERi0xLjQK', { mediaType: 'application/pdf', data: 'JVBERi0xLjQK', misnamed: true }],
  ['data:image/png;base64,/9j/4AAQ', { mediaType: 'image/jpeg', data: '/9j/4AAQ', misnamed: true }],
  ['data:image/jpg;base64,aGk=', { mediaType: 'image/jpeg', data: 'aGk=', misnamed: true }],
  ['data:image/png,iVBORw0KGgo', { mediaType: 'image/png', data: 'iVBORw0KGgo=', misnamed: false }],
  ['data:image/png;base64,abcde', null],
  ['data:image/png;base64,a*b', null],
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
