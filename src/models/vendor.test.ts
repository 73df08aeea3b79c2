import { expect, test } from 'vitest';
import { vendorOf } from './vendor.ts';

test.each([
  ['openai', 'http://127.0.0.1:1/v1', 'openai'],
  ['groq', 'http://proxy.internal/v1', 'groq'],
  ['mine', 'https://api.mistral.ai/v1', 'mistral'],
  ['azure', 'https://gateway.internal/openai/v1', 'azure'],
  ['west', 'https://west.openai.azure.com/openai/v1', 'azure'],
  ['mine', 'https://bedrock-runtime.eusc-de-east-1.amazonaws.eu', 'bedrock'],
  ['mine', 'https://bedrock-runtime.cn-north-1.amazonaws.com.cn', 'bedrock'],
  ['mine', 'http://127.0.0.1:8000/v1', 'custom'],
  ['mine', 'https://models.internal/v1', 'custom'],
  ['mine', 'no address', 'custom'],
])('%s at %s is %s', (name, baseUrl, vendor) => {
  expect(vendorOf({ name, baseUrl, kind: 'http' })).toBe(vendor);
});

test('the demo is nobody’s', () => {
  expect(vendorOf({ name: 'openai', baseUrl: '', kind: 'demo' })).toBe('demo');
});
