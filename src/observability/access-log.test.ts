import { describe, expect, it } from 'vitest';
import { GatewayError } from '../contracts/errors.ts';
import { accessFields, createAccessLog } from './access-log.ts';
import type { Log } from './log.ts';
import { attempt, keptOf, settledCall } from './settled-call.fixture.ts';

describe('access line', () => {
  it('tells who asked, what was tried, how it ended and where the time went', () => {
    const call = settledCall({
      attempts: [
        attempt({ provider: 'local', status: 503, errorType: 'provider_overloaded', endAt: 90 }),
        attempt({ queuedAt: 100, sentAt: 100.256 }),
      ],
    });
    expect(accessFields(call)).toEqual({
      id: 'req-1',
      route: '/v1/chat/completions',
      method: 'POST',
      status: 200,
      dialect: 'openai-chat',
      client: 'team-a',
      model: 'fast',
      provider: 'openai',
      upstreamModel: 'gpt-4o-mini-2024',
      stream: true,
      translated: false,
      attempts: [
        {
          provider: 'local',
          model: 'gpt-4o-mini-2024',
          key: 'openai-1',
          status: 503,
          error: 'provider_overloaded',
          queuedMs: 2,
          sentMs: 5,
          headMs: 300,
          endMs: 90,
        },
        {
          provider: 'openai',
          model: 'gpt-4o-mini-2024',
          key: 'openai-1',
          status: 200,
          queuedMs: 100,
          sentMs: 100.26,
          headMs: 300,
          endMs: 1000,
        },
      ],
      usage: { input: 30, cacheRead: 10, output: 69, reasoning: 0 },
      stop: 'end',
      chunks: 11,
      bytesIn: 40,
      bytesOut: 4200,
      timing: {
        body: 1,
        inspect: 1.5,
        queue: 3.26,
        upstreamHead: 300,
        firstByte: 310,
        total: 1000,
        overheadUs: 60000,
      },
    });
  });

  it('holds no body, key, query or raw path', () => {
    const fault = {
      dialect: 'openai-chat',
      status: 400,
      body: Buffer.from('fault-secret'),
      type: 'invalid_request_error',
      code: null,
      param: null,
      message: 'message-secret',
      headers: { 'set-cookie': 'cookie-secret' },
    };
    const call = settledCall({
      error: new GatewayError('GW_UPSTREAM_REJECTED', { fault, cause: 'cause-secret' }),
    });
    const line = JSON.stringify(accessFields(call));
    expect(line).not.toContain('secret');
    expect(line).toContain('GW_UPSTREAM_REJECTED');
    expect(line).toContain('provider_rejected');
  });

  it('shows the status of the error when the client left before any answer', () => {
    const call = settledCall({ status: 0, error: new GatewayError('GW_CLIENT_GONE') });
    expect(accessFields(call)).toMatchObject({ status: 499, errorType: 'caller_cancelled' });
  });

  it('tells what a kept answer saved, and of a miss that it was one', () => {
    expect(accessFields(settledCall({ cache: keptOf() }))).toMatchObject({
      cache: 'hit',
      cacheType: 'exact',
      savedUsd: 0.000012,
      savedMs: 7_250,
    });
    const miss = accessFields(
      settledCall({ cache: keptOf({ result: 'miss', savedNano: null, madeMs: null }) }),
    );
    expect(miss).toMatchObject({ cache: 'miss', cacheType: 'exact' });
    expect(Object.keys(miss).filter((name) => name.startsWith('saved'))).toEqual([]);
  });

  it('cuts what a client may make long', () => {
    const call = settledCall({
      model: 'm'.repeat(5000),
      dropped: Array.from({ length: 500 }, (_, i) => `messages[${i}].${'x'.repeat(500)}`),
      attempts: Array.from({ length: 100 }, () => attempt()),
    });
    expect(JSON.stringify(accessFields(call)).length).toBeLessThan(8000);
  });

  it('is written once per call at level info', () => {
    const lines: [unknown, string][] = [];
    const log = {
      info: (fields: unknown, message: string) => lines.push([fields, message]),
    } as unknown as Log;
    createAccessLog(log).write(settledCall());
    expect(lines).toHaveLength(1);
    expect(lines[0]![1]).toBe('request');
  });
});
