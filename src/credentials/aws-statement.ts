// Who an AWS workload is, as Google asks for it: a request to AWS's own "who am I", signed and not sent. Google sends it and hears
// who signed it.
import { ALGORITHM, bodyHashOf, scopeText, signatureOf, signingKey, timeText } from '../aws/signature.ts';
import type { AwsCredentials } from '../contracts/credential.ts';
import type { JsonObject } from '../contracts/json.ts';
import { stringAt } from '../dialects/lenient.ts';
import { askForText, CredentialFault, type ObtainContext, textOf } from './token-request.ts';

/** The one kind there is. */
const ENVIRONMENT = 'aws1';
const SERVICE = 'sts';
const IMDS_TOKEN_SECONDS = '300';

/**
 * The signed request as JSON, percent-encoded, which is what stands for a token.
 *
 * @param source `credential_source`. @param audience bound into the signature, so that it is good for nobody else.
 * @throws CredentialFault
 */
export async function awsStatement(
  source: JsonObject,
  audience: string,
  context: ObtainContext,
): Promise<string> {
  if (source.environment_id !== ENVIRONMENT)
    throw new CredentialFault('`environment_id` is of a version that is not known');
  const region = await regionOf(source, context);
  const address = textOf(source, 'regional_cred_verification_url').replace('{region}', region);
  if (!URL.canParse(address)) throw new CredentialFault('`regional_cred_verification_url` is no URL');
  const url = new URL(address);
  const { accessKeyId, secretAccessKey, sessionToken } = await pairOf(region, context);
  const time = timeText(context.wall());
  const headers: (readonly [string, string])[] = [
    ['host', url.host],
    ['x-amz-date', time],
    ...(sessionToken === undefined ? [] : ([['x-amz-security-token', sessionToken]] as const)),
    ['x-goog-cloud-target-resource', audience],
  ];
  const scope = { day: time.slice(0, 8), region, service: SERVICE };
  const request = {
    method: 'POST',
    path: url.pathname,
    query: url.search.slice(1),
    headers,
    bodyHash: bodyHashOf(null),
  };
  const signature = signatureOf(request, scope, time, signingKey(secretAccessKey, scope));
  const names = headers.map(([name]) => name).join(';');
  const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scopeText(scope)}, SignedHeaders=${names}, Signature=${signature}`;
  const listed = [...headers, ['authorization', authorization] as const].map(([key, value]) => ({
    key,
    value,
  }));
  return encodeURIComponent(JSON.stringify({ url: address, method: request.method, headers: listed }));
}

async function regionOf(source: JsonObject, context: ObtainContext): Promise<string> {
  const { env, signal } = context;
  const named = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'];
  if (named) return named;
  const url = stringAt(source, 'region_url');
  if (url === null)
    throw new CredentialFault('nothing says the region of AWS: `AWS_REGION`, or `region_url` in the file');
  const tokenUrl = stringAt(source, 'imdsv2_session_token_url');
  const headers: Record<string, string> = {};
  if (tokenUrl !== null) {
    const asked = { 'x-aws-ec2-metadata-token-ttl-seconds': IMDS_TOKEN_SECONDS };
    headers['x-aws-ec2-metadata-token'] = await askForText(
      { url: tokenUrl, method: 'PUT', headers: asked },
      signal,
    );
  }
  // A zone, which is its region and a letter.
  return (await askForText({ url, headers }, signal)).trim().replace(/[a-z]$/, '');
}

/** The environment's, else AWS's own chain of sources. */
async function pairOf(region: string, context: ObtainContext): Promise<AwsCredentials> {
  const { env } = context;
  const accessKeyId = env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
  if (accessKeyId && secretAccessKey) {
    const sessionToken = env['AWS_SESSION_TOKEN'];
    return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  }
  const { obtainAws } = await import('./aws.ts');
  const { aws } = await obtainAws({ kind: 'aws', region }, context);
  if (aws === undefined) throw new CredentialFault('AWS gave no credentials');
  return aws;
}
