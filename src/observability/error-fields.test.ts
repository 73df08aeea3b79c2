import { describe, expect, it } from 'vitest';
import { GatewayError } from '../contracts/errors.ts';
import { errorFields } from './error-fields.ts';

describe('error in a log line', () => {
  it('shows code, blame, status and the chain of causes', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(errorFields(new GatewayError('GW_UPSTREAM_CONNECT', { cause }))).toMatchObject({
      type: 'GatewayError',
      code: 'GW_UPSTREAM_CONNECT',
      source: 'upstream',
      status: 502,
      errorType: 'provider_connect',
      cause: { type: 'Error', message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' },
    });
  });

  it('never repeats what an upstream wrote', () => {
    const error = new GatewayError('GW_UPSTREAM_REJECTED', {
      message: 'your prompt-text was refused',
      fault: {
        dialect: 'openai-chat',
        status: 400,
        body: Buffer.from('prompt-text'),
        type: 'invalid_request_error',
        code: 'context_length_exceeded',
        param: null,
        message: 'prompt-text',
        headers: { 'x-echo': 'prompt-text' },
      },
    });
    const fields = errorFields(error);
    expect(JSON.stringify(fields)).not.toContain('prompt-text');
    expect(fields).toMatchObject({ fault: { status: 400, code: 'context_length_exceeded' } });
  });

  it('never repeats the text JSON.parse cites', () => {
    let thrown: unknown;
    try {
      JSON.parse('{prompt-text');
    } catch (error) {
      thrown = error;
    }
    const fields = errorFields(new GatewayError('GW_CLIENT_BAD_JSON', { cause: thrown }));
    expect(JSON.stringify(fields)).not.toContain('prompt-text');
    expect(fields).toMatchObject({ cause: { type: 'SyntaxError' } });
  });

  it('survives causes that go in a circle and things that are no errors', () => {
    const error = new Error('a');
    error.cause = error;
    expect(() => errorFields(error)).not.toThrow();
    expect(errorFields('a string with a body in it')).toEqual({ type: 'string' });
  });
});
