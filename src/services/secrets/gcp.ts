// Google Cloud's Secret Manager (`gcp-sm:projects/p/secrets/s`, the newest version unless `/versions/n` says another). Credentials as
// Google's own tools find them; another address by HEADGATE_GCP_SECRETS_URL, as for a private endpoint.
import { Buffer } from 'node:buffer';
import type { Obtain } from '../../credentials/obtain.ts';
import { askService, ServiceFault } from '../ask.ts';
import {
  MAX_SECRET_BYTES,
  SECRET_TIMEOUT_MS,
  SecretFault,
  type SecretSource,
  type SecretSourceDeps,
} from './secret-source.ts';

const ADDRESS = 'https://secretmanager.googleapis.com';
const NAME = /^projects\/[\w.:-]+\/(?:locations\/[\w-]+\/)?secrets\/[\w-]+(?:\/versions\/\w+)?$/;
const SCOPES = ['https://www.googleapis.com/auth/cloud-platform'];

export function createGcpSecrets({ env, wall }: SecretSourceDeps, obtain: Obtain): SecretSource {
  return {
    prefix: 'gcp-sm:',
    async read(name, signal) {
      if (!NAME.test(name)) throw new SecretFault('a secret of Google is called `projects/…/secrets/…`');
      const version = name.includes('/versions/') ? name : `${name}/versions/latest`;
      const { token, quotaProject } = await obtain({ kind: 'google', scopes: SCOPES }, { env, signal, wall });
      if (token === undefined) throw new SecretFault('there are no credentials of Google');
      const { status, body } = await askService({
        method: 'GET',
        url: `${env['HEADGATE_GCP_SECRETS_URL'] || ADDRESS}/v1/${version}:access`,
        headers: {
          authorization: `Bearer ${token}`,
          ...(quotaProject !== undefined && { 'x-goog-user-project': quotaProject }),
        },
        timeoutMs: SECRET_TIMEOUT_MS,
        maxBytes: MAX_SECRET_BYTES,
      });
      if (status === 404) throw new SecretFault('Google has no such secret');
      if (status === 403) throw new SecretFault('Google does not let this account read it');
      if (status !== 200) throw new ServiceFault(`status_${status}`);
      const read = JSON.parse(body.toString('utf8')) as { payload?: { data?: unknown } };
      const data = read.payload?.data;
      if (typeof data !== 'string') throw new SecretFault('Google gave no secret');
      return Buffer.from(data, 'base64').toString('utf8');
    },
  };
}
