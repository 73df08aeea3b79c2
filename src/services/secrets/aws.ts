// AWS Secrets Manager, by a secret's name or ARN (`aws-sm:prod/openai#key`). Credentials as AWS's own tools find them; region and
// address by AWS_REGION and AWS_ENDPOINT_URL_SECRETS_MANAGER.
import { Buffer } from 'node:buffer';
import { createSigner } from '../../aws/signer.ts';
import type { Obtain } from '../../credentials/obtain.ts';
import { askService, ServiceFault } from '../ask.ts';
import {
  MAX_SECRET_BYTES,
  SECRET_TIMEOUT_MS,
  SecretFault,
  type SecretSource,
  type SecretSourceDeps,
} from './secret-source.ts';

export function createAwsSecrets({ env, wall }: SecretSourceDeps, obtain: Obtain): SecretSource {
  const signer = createSigner();
  return {
    prefix: 'aws-sm:',
    async read(name, signal) {
      // An ARN says the region itself: arn:aws:secretsmanager:<region>:<account>:secret:<name>.
      const region =
        /^arn:[^:]+:secretsmanager:([^:]+):/.exec(name)?.[1] ??
        env['AWS_REGION'] ??
        env['AWS_DEFAULT_REGION'];
      if (region === undefined) throw new SecretFault('AWS_REGION does not say where the secret is');
      const { aws } = await obtain({ kind: 'aws', region }, { env, signal, wall });
      if (aws === undefined) throw new SecretFault('there are no credentials of AWS');
      const address =
        env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] || `https://secretsmanager.${region}.amazonaws.com`;
      const { host } = new URL(address);
      const body = JSON.stringify({ SecretId: name });
      const headers = signer.sign(
        { host, prefix: '', query: '', region, service: 'secretsmanager' },
        aws,
        'POST',
        '/',
        { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' },
        Buffer.from(body),
        wall(),
      );
      const answer = await askService({
        method: 'POST',
        url: `${address.replace(/\/+$/, '')}/`,
        headers,
        body,
        timeoutMs: SECRET_TIMEOUT_MS,
        maxBytes: MAX_SECRET_BYTES,
      });
      const read = JSON.parse(answer.body.toString('utf8')) as {
        SecretString?: unknown;
        SecretBinary?: unknown;
        __type?: unknown;
      };
      if (answer.status !== 200) {
        const type = String(read.__type ?? '').replace(/^.*#/, '');
        if (/^[A-Za-z]{1,60}$/.test(type)) throw new SecretFault(`AWS refuses it (${type})`);
        throw new ServiceFault(`status_${answer.status}`);
      }
      if (typeof read.SecretString === 'string') return read.SecretString;
      if (typeof read.SecretBinary === 'string')
        return Buffer.from(read.SecretBinary, 'base64').toString('utf8');
      throw new SecretFault('AWS gave no secret');
    },
  };
}
