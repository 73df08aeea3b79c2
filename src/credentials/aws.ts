// Key pairs of AWS that hold for some hours, by the vendor's own chain: environment, profiles (SSO, processes), web identity
// (IRSA), containers, the machine itself (IMDSv2), and roles assumed by any of them.
import {
  fromNodeProviderChain,
  fromTemporaryCredentials,
  fromTokenFile,
} from '@aws-sdk/credential-providers';
import type { AwsSource, Obtained } from '../contracts/credential.ts';
import { CredentialFault, endAt, type ObtainContext } from './token-request.ts';

/** @throws CredentialFault */
export async function obtainAws(source: AwsSource, { signal, wall }: ObtainContext): Promise<Obtained> {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = await before(signal, ask(source));
  return {
    aws: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    expiresAtMs: expiration === undefined ? null : endAt(expiration.getTime(), wall()),
  };
}

// A new source each time: these keep what they got, and would give it again.
function ask({ profile, roleArn, externalId, sessionName, tokenFile, region }: AwsSource) {
  const clientConfig = { region };
  const RoleSessionName = sessionName ?? 'headgate';
  if (tokenFile !== undefined && roleArn !== undefined) {
    const web = { roleArn, webIdentityTokenFile: tokenFile, roleSessionName: RoleSessionName, clientConfig };
    return fromTokenFile(web)();
  }
  const chain = fromNodeProviderChain({ clientConfig, ...(profile === undefined ? {} : { profile }) });
  if (roleArn === undefined) return chain();
  const params = { RoleArn: roleArn, RoleSessionName, ...(externalId && { ExternalId: externalId }) };
  return fromTemporaryCredentials({ masterCredentials: chain, params, clientConfig })();
}

async function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const give = (): void => late.reject(new CredentialFault('AWS did not give credentials in time'));
  if (signal.aborted) give();
  signal.addEventListener('abort', give, { once: true });
  try {
    return await Promise.race([work, late.promise]);
  } catch (cause) {
    if (cause instanceof CredentialFault) throw cause;
    // Its message may quote what it sent; its name says what was wrong.
    const name = cause instanceof Error ? cause.name : 'fault';
    throw new CredentialFault(`AWS gave no credentials (${name})`, cause);
  } finally {
    signal.removeEventListener('abort', give);
  }
}
