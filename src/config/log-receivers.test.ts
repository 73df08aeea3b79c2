import { describe, expect, it } from 'vitest';
import { buildCallbacks, buildLogExport } from './log-receivers.ts';

function built(log: object, env: Record<string, string> = {}) {
  const reports: [string, string][] = [];
  const secrets: string[] = [];
  const context = {
    env,
    report: (path: readonly (string | number)[], message: string) =>
      void reports.push([path.join('.'), message]),
    secret: (value: string) => void secrets.push(value),
  };
  return { callbacks: buildCallbacks(log, context), export: buildLogExport(log, context), reports, secrets };
}

describe('callbacks of the log', () => {
  it('have what nobody said of them from the defaults, and Langfuse’s from its own variables', () => {
    const { callbacks, secrets, reports } = built(
      {
        callbacks: [
          { type: 'webhook', url: 'https://a.example/in/', secret: 'whsec_abc', headers: { 'X-A': 'v' } },
          { type: 'langfuse', outcomes: ['error'] },
        ],
      },
      {
        LANGFUSE_PUBLIC_KEY: 'pk-lf-1',
        LANGFUSE_SECRET_KEY: 'sk-lf-1',
        LANGFUSE_HOST: 'https://lf.example/',
      },
    );
    expect(callbacks).toMatchObject([
      {
        type: 'webhook',
        name: 'webhook',
        url: 'https://a.example/in/',
        secret: 'whsec_abc',
        headers: { 'x-a': 'v' },
        batchCalls: 100,
        content: false,
        outcomes: ['ok', 'error', 'cancelled'],
      },
      { type: 'langfuse', url: 'https://lf.example', publicKey: 'pk-lf-1', outcomes: ['error'] },
    ]);
    expect(secrets).toEqual(['v', 'whsec_abc', 'pk-lf-1', 'sk-lf-1']);
    expect(reports).toEqual([]);
  });

  it('say what is missing, and which names are there twice', () => {
    const { callbacks, reports } = built({
      callbacks: [
        { type: 'webhook' },
        { type: 'webhook', url: 'http://a' },
        { type: 'langfuse', name: 'webhook' },
      ],
    });
    expect(callbacks).toHaveLength(1);
    expect(reports.map(([path]) => path)).toEqual([
      'log.callbacks.0.url',
      'log.callbacks.1.name',
      'log.callbacks.2.name',
      'log.callbacks.2',
    ]);
  });
});

describe('the export of the log', () => {
  const env = {
    AWS_ACCESS_KEY_ID: 'AKIA1',
    AWS_SECRET_ACCESS_KEY: 'secret-1',
    AWS_SESSION_TOKEN: 'token-1',
    AWS_REGION: 'eu-west-1',
  };

  it('goes to AWS by the host’s name, to others by the path', () => {
    expect(built({ export: { bucket: 'logs' } }, env).export).toEqual({
      endpoint: 'https://s3.eu-west-1.amazonaws.com',
      region: 'eu-west-1',
      bucket: 'logs',
      prefix: 'headgate',
      accessKeyId: 'AKIA1',
      secretAccessKey: 'secret-1',
      sessionToken: 'token-1',
      pathStyle: false,
      delayMs: 600_000,
    });
    const own = {
      endpoint: 'http://minio:9000/',
      bucket: 'logs',
      prefix: '/a/',
      accessKeyId: 'A',
      secretAccessKey: 'B',
      hourly: false,
    };
    expect(built({ export: own }, env).export).toMatchObject({
      endpoint: 'http://minio:9000',
      prefix: 'a',
      accessKeyId: 'A',
      sessionToken: null,
      pathStyle: true,
      delayMs: null,
    });
  });

  it('needs a key pair', () => {
    expect(built({ export: { bucket: 'logs' } }).reports).toHaveLength(1);
    expect(built({}).export).toBeNull();
  });
});
