import { expect, test } from 'vitest';
import { fakeCall } from '../../tests/kit/fake-call.ts';
import { holdsObjects, makesObjects } from './forwarded-objects.ts';

function holds(method: string, rest: string, type = 'application/json'): boolean {
  const { call } = fakeCall('gemini', {}, [], {}, 'passthrough');
  Object.assign(call, { head: { ...call.head, method }, params: { provider: 'p', rest } });
  return holdsObjects(call, 200, type);
}

test.each([
  ['GET', '/v1beta/files'],
  ['GET', '/v1beta/file%73'],
  ['GET', '/v1%2Ffiles'],
  ['GET', '/openai/Files'],
  ['GET', '/v1beta/models/veo/operations'],
  ['GET', '/v1beta/models/veo/operations/o'],
  ['GET', '/v1beta/generatedFiles'],
  ['POST', '/v1beta/models/veo:predictLongRunning'],
  ['POST', '/v1beta/models/veo%3ApredictLongRunning'],
  ['POST', '/v1beta/models/m:batchGenerateContent'],
  ['POST', '/v1/agents/automations'],
  ['GET', '/v1/sessions'],
  ['POST', '/v1/threads/runs'],
  ['GET', '/async/chat/completions'],
  ['POST', '/async/chat/completions'],
  ['GET', '/v1/async/sonar'],
  ['POST', '/v1/async/sonar'],
  ['POST', '/v1/deployments/d/run'],
  ['PUT', '/upload/v1beta/files'],
  ['GET', '/v1/webhook_endpoints'],
  ['POST', '/v1/webhook_endpoints'],
  ['GET', '/v1/evaluation'],
  ['POST', '/v1/evaluation'],
  ['POST', '/v1/tci/execute'],
  ['GET', '/v1/tci/sessions'],
  ['POST', '/v1/browser/sessions'],
])('what answers %s %s is looked into', (method, rest) => {
  expect(holds(method, rest)).toBe(true);
});

test.each([
  ['GET', '/v1beta/models'],
  ['GET', '/v1/%E0%A4%A'],
  ['POST', '/v1beta/models/m:generateContent'],
  ['POST', '/v1/chat/completions'],
  ['POST', '/search'],
  ['DELETE', '/v1beta/files'],
  ['PUT', '/v1beta/files'],
  ['GET', '/v1/organization/usage/vector_stores'],
  ['GET', '/v1/organizations/analytics/skills'],
])('what answers %s %s goes on as it comes', (method, rest) => {
  expect(holds(method, rest)).toBe(false);
});

test('a list is looked into whatever form it has, and nothing else is', () => {
  for (const type of ['application/x-protobuf', 'text/javascript', '']) {
    expect(holds('GET', '/v1beta/files', type)).toBe(true);
    expect(holds('GET', '/v1beta/files/f', type)).toBe(false);
    // A file of that name.
    expect(holds('GET', '/v1beta/environments/e/files/prompts', type)).toBe(false);
    expect(holds('POST', '/v1/agents/sessions', type)).toBe(false);
  }
});

test.each([
  ['POST', '/openai/responses', true],
  ['POST', '/openai/v1/Responses', true],
  ['POST', '/openai/Threads/Runs/', true],
  ['GET', '/openai/Responses', false],
  ['POST', '/openai/Responses/resp_1/cancel', false],
])('%s %s names what was made: %s', (method, rest, makes) => {
  const { call } = fakeCall('openai-chat', {}, [], {}, 'passthrough');
  Object.assign(call, { head: { ...call.head, method }, params: { provider: 'p', rest } });
  expect(makesObjects(call)).toBe(makes);
});
