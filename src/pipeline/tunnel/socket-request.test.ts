// Of what a client writes into the address of a socket, what says which model or session it is for is the gateway's to say.
import { expect, test } from 'vitest';
import { fakeCall } from '../../../tests/kit/fake-call.ts';
import type { DialectName } from '../../contracts/dialect-name.ts';
import type { RouteParams } from '../../contracts/route.ts';
import type { Target } from '../../contracts/plan.ts';
import { kindOf } from './kinds.ts';
import { socketPath } from './socket-request.ts';

const BIDI = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';
const ATTACH = '/v1/live/sessions/{id}/attach';

function asked(
  template: string,
  query: string,
  params: RouteParams = {},
  dialect: DialectName = 'openai-chat',
): string {
  const { call } = fakeCall(dialect, {}, [], {}, 'realtime');
  const forward = template.replace('/v1', '');
  Object.assign(call, {
    route: { ...call.route, template, forward },
    head: { ...call.head, query },
    params,
  });
  return socketPath(call, { below: '', model: 'mine' } as Target, kindOf(template));
}

test.each([
  ['a=b', 'a=b&model=mine'],
  ['model=theirs&Model=theirs&mod%65l=theirs', 'model=mine'],
  ['deployment=theirs&Deployment=theirs&api-version=1', 'model=mine'],
  ['call_id=c&model=theirs&Deployment=theirs&CALL_ID=d', 'call_id=c'],
])('%s is asked as %s', (query, wanted) => {
  expect(asked('/v1/realtime', query)).toBe(`/realtime?${wanted}`);
});

test('a session that the path names is no other one, and has its model', () => {
  expect(asked(ATTACH, 'call_id=theirs&model=x&graceful_close=true', { id: 's' })).toBe(
    '/live/sessions/s/attach?graceful_close=true',
  );
});

test('where the first message says the model the address does not', () => {
  expect(asked('/v1/live/sessions', 'Model=theirs')).toBe('/live/sessions');
  expect(asked(BIDI, 'model=theirs')).not.toContain('theirs');
});

test('nor does it say in which form Google’s messages come: they are read', () => {
  const query = 'alt=proto&%24alt=proto&fields=serverContent&$httpHeaders=x&$httpMethod=POST&$ct=y&a=b';
  expect(asked(BIDI, query, {}, 'gemini')).toMatch(/BidiGenerateContent\?a=b$/);
  expect(asked('/v1/realtime', 'alt=x')).toBe('/realtime?alt=x&model=mine');
});
