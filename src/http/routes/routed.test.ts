import { describe, expect, test } from 'vitest';
import type { DialectName } from '../../contracts/dialect-name.ts';
import { HeaderBag } from '../../contracts/headers.ts';
import { createRouteTable } from './route-table.ts';
import { routed } from './routed.ts';

const table = createRouteTable(
  new Map<string, DialectName>([
    ['openai', 'openai-chat'],
    ['gemini', 'gemini'],
  ]),
);

function asked(path: string, header: string, value = 'x') {
  const headers = new HeaderBag();
  headers.add(header, value);
  return routed(table, null, { method: 'POST', path, query: '', headers });
}
const templateOf = (path: string, header: string): string => asked(path, header).route.template;

describe('who asks decides where several vendors have one path', () => {
  test.each(['/v1/agents', '/v1/decisions', '/v1/webhooks/w:ping', '/v1/files/f'])(
    '%s of a client of Google’s goes to Google',
    (path) => expect(templateOf(path, 'x-goog-api-client')).toBe('/passthrough/{provider}/*'),
  );

  test.each([
    ['/v1/webhooks/w:ping', '_unknown'],
    ['/v1/decisions', '/v1/decisions'],
    ['/v1/files/f', '/v1/files/{id}'],
  ])('%s of any other is %s', (path, template) => {
    expect(templateOf(path, 'authorization')).toBe(template);
  });

  test('agents of any other are OpenAI’s', () => {
    expect(asked('/v1/agents', 'authorization').match.params).toMatchObject({ provider: 'openai' });
    expect(asked('/v1/agents', 'x-goog-api-client').match.params).toMatchObject({ provider: 'gemini' });
  });

  test('what is no route is told to AWS’s SDKs as AWS tells it', () => {
    const headers = new HeaderBag();
    headers.add('amz-sdk-invocation-id', 'x');
    const head = { method: 'POST', path: '/guardrails', query: '', headers };
    expect(routed(table, null, head).route).toMatchObject({ kind: 'unknown', dialect: 'bedrock' });
  });

  test('what nobody has stays unknown to all', () => {
    expect(templateOf('/v1/nothing', 'x-goog-api-client')).toBe('_unknown');
  });
});
