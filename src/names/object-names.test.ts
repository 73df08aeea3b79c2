// What a caller writes so that its provider reads a name that nobody here saw.
import { expect, test } from 'vitest';
import {
  nameOf,
  nameOfMade,
  objectKey,
  objectsInBody,
  objectsInPath,
  objectsInQuery,
  plainNumber,
} from './object-names.ts';

const NUMBER = '497f6eca-6276-4993-bfeb-53cbbbba6f09';

test.each([
  ['a text before it that is none', '{"file_ids":["\\n","file-yours"]}'],
  ['quotes that are written as numbers', '{"a":"\\u0022file_ids\\u0022:[","file_id":"file-yours"}'],
  ['a line before it that breaks off in a text', '{"file_id":"\n{"file_id":"file-yours"}\n'],
  ['a line before it that breaks off in a list', '{"file_ids":["\n{"file_id":"file-yours"}\n'],
  ['an object in a list', '{"file_ids":[{"id":"file-yours"}]}'],
  ['its name twice', '{"file_id":"file-mine","file_id":"file-yours"}'],
])('is found behind %s', (_what, body) => {
  for (const where of ['request', 'lines', 'forwarded'] as const)
    expect(objectsInBody(body, where)).toContain('file-yours');
});

test.each([
  ['{"file_ids":["file-a" , "file-b", 7]}', ['file-a', 'file-b']],
  ['{"file_ids":[]}', []],
  // The rest of the last one is in the next piece.
  ['{"file_ids":["file-a","file-', ['file-a']],
  ['{"voice":"alloy","voice_id":"v1"}', []],
  [`{"voice":{"id":"alloy"},"voice_id":"${NUMBER}"}`, [NUMBER]],
  [`{"voice":"${NUMBER.toUpperCase().replaceAll('-', '')}"}`, [NUMBER.toUpperCase().replaceAll('-', '')]],
])('of %s nothing else', (body, ids) => {
  expect(objectsInBody(body, 'request')).toEqual(ids);
});

test.each([
  ['/v1/files/%66ile-yours', ['file-yours']],
  ['/v1/files/%66ile-yours/content%ZZ', ['file-yours']],
  ['/v1/vector_stores/vs_1/files/file-2', ['vs_1', 'file-2']],
  [`/v1/files/urn:uuid:${NUMBER}/content`, ['files/urn', 'urn', `urn:uuid:${NUMBER}`]],
  ['/v1/skills/completions', []],
  // Collections may stand one below another.
  ['/v1/agents/sessions/s-1/events', ['s-1']],
  ['/v1/agents/environments/templates/t-1', ['t-1']],
  ['/v1/sessions/s-1/threads/x-1', ['s-1', 'x-1']],
  ['/v1/threads/runs', []],
  ['/openai/Batches/b-1', ['b-1']],
  ['/async/chat/completions/r-1', ['r-1']],
  ['/async/chat/completions', []],
  ['/v1/async/sonar/r-1', ['r-1']],
  ['/v1/async/sonar', []],
  ['/openai/Agents/Sessions', []],
  ['/v1/evaluation/w-1/status', ['w-1']],
  ['/v1/evaluation/model-list', []],
])('of the path %s', (path, ids) => {
  expect(objectsInPath(path)).toEqual(ids);
});

test('a query may name numbers too', () => {
  expect(objectsInQuery(`library_id=${NUMBER}&after=${NUMBER}&model=m`)).toEqual([NUMBER]);
});

test.each([NUMBER.toUpperCase(), NUMBER.replaceAll('-', ''), `{${NUMBER}}`, `urn:uuid:${NUMBER}`])(
  'a number is known however it is spelled: %s',
  (spelled) => {
    expect(plainNumber(spelled)).toBe(NUMBER);
  },
);

test('what is written plainly, or is no number, has no other spelling', () => {
  for (const id of [NUMBER, 'file-1', NUMBER.slice(1), `${NUMBER}0`]) expect(plainNumber(id)).toBeNull();
});

test.each([
  ['async-invoke', 'invocationArn', ''],
  ['model-invocation-job', 'jobArn', '/stop'],
])(
  'what AWS does later is known by the end of its ARN, however a path spells it: %s',
  (kind, member, end) => {
    const arn = `arn:aws:bedrock:us-east-1:123456789012:${kind}/abc123def456`;
    const name = `${kind}/abc123def456`;
    expect([nameOf({ [member]: arn }), nameOfMade({ [member]: arn }), objectKey(arn)]).toEqual([
      name,
      name,
      name,
    ]);
    for (const spelled of [
      arn,
      encodeURIComponent(arn),
      encodeURIComponent(encodeURIComponent(arn)),
      arn.replace('/', '%2f'),
      'abc123def456',
    ]) {
      expect(objectsInPath(`/${kind}/${spelled}`)).toEqual([name]);
      expect(objectsInPath(`/${kind}/${spelled}${end}`)).toEqual([name]);
    }
    expect(objectsInPath(`/${kind}`)).toEqual([]);
  },
);

test.each([
  ['{"environment":"environments/env_1"}', ['environments/env_1', 'env_1']],
  ['{"environment":"projects\\/p\\/locations\\/l\\/environments\\/e"}', ['environments/e', 'e']],
  ['{"from_environment":"e"}', ['e']],
  ['{"environment":{"network":{"allowlist":[{"domain":"d","credential":"c"}]}}}', ['c']],
  ['{"agent":"agents/a","base_agent":"b"}', ['agents/a', 'a', 'b']],
])('what is named by its kind or without is the same: %s', (body, ids) => {
  expect(objectsInBody(body, 'forwarded')).toEqual(ids);
});

test('an id that says its kind and its place is known without them, as a path names it', () => {
  const id = 'projects/p/locations/l/triggers/svc_1';
  expect([nameOf({ id }), nameOf({ name: id }), nameOf({ id: 'file-1' })]).toEqual([
    'svc_1',
    'svc_1',
    'file-1',
  ]);
  for (const path of ['/v1beta/triggers/svc_1', `/v1beta/${id}:run`])
    expect(objectsInPath(path)).toContain('svc_1');
  expect(objectsInQuery('parent=environments/e')).toEqual(['environments/e', 'e']);
});

test.each([
  [{ name: 'agents/a' }, 'a'],
  [{ name: 'projects/p/locations/l/webhooks/w' }, 'w'],
  [{ name: 'credentials/c', displayName: 'mine' }, 'c'],
  [{ name: 'agents/a/files/f' }, 'files/f'],
  [{ id: 'a', name: 'what its maker calls it' }, 'a'],
  [{ name: 'my agents' }, null],
  [{ name: 'models/m' }, null],
])('what has a name alone is known by it, as what has an id: %j', (object, name) => {
  expect(nameOf(object)).toBe(name);
});
