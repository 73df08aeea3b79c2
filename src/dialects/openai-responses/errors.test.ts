import { describe, expect, test } from 'vitest';
import { told } from '../../../tests/kit/told.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { faultError } from '../fault-error.ts';
import { openaiResponses } from './dialect.ts';
import { faultOfEvent } from './faults.ts';

const { encode, encodeStream, decode } = openaiResponses.errors;

const streamed = (error: GatewayError, sequence?: number): string =>
  told((out) => encodeStream(error, 'req_1', out, sequence));
const dataOf = (event: string): unknown => JSON.parse(/^data: (.*)$/m.exec(event)![1]!);

describe('errors of Responses', () => {
  test('an error of ours ends a stream flat and nested, numbered behind what was sent', () => {
    const error = new GatewayError('GW_UPSTREAM_TIMEOUT_IDLE');
    const event = streamed(error, 17);
    expect(event).toMatch(/^event: error\n/);
    expect(dataOf(event)).toEqual({
      type: 'error',
      sequence_number: 17,
      code: 'upstream_timeout',
      message: error.publicMessage,
      param: null,
      error: { type: 'server_error', code: 'upstream_timeout', message: error.publicMessage, param: null },
    });
  });

  test('what the upstream told in an event goes on in its own words', () => {
    const data = JSON.stringify({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'server_error', message: 'Oh.' } },
    });
    expect(streamed(faultError(faultOfEvent(data)))).toBe(`event: response.failed\ndata: ${data}\n\n`);
  });

  test('the same before anything was sent is a whole error', () => {
    const data = JSON.stringify({
      type: 'response.failed',
      response: { error: { code: 'invalid_prompt', message: 'No.' } },
    });
    const answer = encode(faultError(faultOfEvent(data)));
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toEqual({
      error: { message: 'No.', type: 'invalid_request_error', param: null, code: 'invalid_prompt' },
    });
  });

  test('a refusal goes through byte for byte, whichever of OpenAI’s dialects it was told in', () => {
    const body = Buffer.from(
      '{"error": {"message":"Nope.","type":"invalid_request_error","param":"input","code":null}}',
    );
    const fault = decode(400, {}, body);
    expect(fault.dialect).toBe('openai-responses');
    expect(encode(faultError(fault)).body).toBe(body.toString());
  });

  test('a response nobody keeps is a 404 in OpenAI’s words', () => {
    const error = new GatewayError('GW_CLIENT_RESPONSE_NOT_FOUND', { param: 'previous_response_id' });
    const answer = encode(error);
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body)).toMatchObject({
      error: {
        type: 'invalid_request_error',
        param: 'previous_response_id',
        code: 'previous_response_not_found',
      },
    });
  });
});
