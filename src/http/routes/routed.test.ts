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

describe('the body decides where a path takes JSON and forms', () => {
  const operationOf = (path: string, type: string): string => {
    const { route } = asked(path, 'content-type', type);
    return route.kind === 'model' ? route.operation.name : route.kind;
  };

  test.each([
    ['multipart/form-data; boundary=x', 'video-form'],
    [' Multipart/Form-Data;boundary=x', 'video-form'],
    ['application/json', 'video'],
    ['text/plain', 'video'],
    ['multipart/form-datax', 'video'],
  ])('a film that is begun by %s', (type, name) => {
    expect(operationOf('/v1/videos', type)).toBe(name);
    expect(operationOf('/openai/videos/', type)).toBe(name);
    expect(operationOf('/v1/videos/v/remix', type)).toBe('video-object');
    expect(operationOf('/v1/videos/edits', type)).toBe('video-object');
  });

  test('pictures likewise', () => {
    expect(operationOf('/v1/images/edits', 'application/json')).toBe('image');
    expect(operationOf('/v1/images/edits', 'multipart/form-data; boundary=x')).toBe('image-form');
  });

  test('and not what is only read', () => {
    const headers = new HeaderBag();
    headers.add('content-type', 'multipart/form-data; boundary=x');
    const { route } = routed(table, null, { method: 'GET', path: '/v1/videos', query: '', headers });
    expect(route).toMatchObject({ operation: { name: 'video-object' }, template: '/v1/videos' });
  });
});
