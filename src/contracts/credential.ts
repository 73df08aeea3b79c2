// Credentials that expire: where they come from, and what a worker holds of them. The primary gets them, renews them ahead of
// their end and tells every worker; no request waits for one.

/** A key pair of AWS. */
export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  /** Of a pair that holds for some hours. */
  sessionToken?: string;
}

/** A service account, a user or a workload of Google's. Without a file and a text: as Google's own tools find it. */
export interface GoogleSource {
  kind: 'google';
  /** Path of a credentials file, read anew each time. */
  file?: string;
  /** What stands in such a file. */
  account?: string;
  /** Service account to act as. */
  impersonate?: string;
  scopes: readonly string[];
}

/** Microsoft Entra: a client secret, a token file (workload identity), else the machine's managed identity. */
export interface AzureSource {
  kind: 'azure';
  tenantId?: string;
  clientId?: string;
  clientSecret?: string;
  /** File of the token that stands for the client's secret, read anew each time. */
  tokenFile?: string;
  /** Where tokens are issued. */
  authority: string;
  scope: string;
}

/** AWS: its default chain of sources, a profile, or a role that is assumed by one of these. */
export interface AwsSource {
  kind: 'aws';
  profile?: string;
  roleArn?: string;
  externalId?: string;
  sessionName?: string;
  /** File of a web identity's token: the role is assumed by it. */
  tokenFile?: string;
  region: string;
}

/** OAuth 2 client credentials, as any server has them. */
export interface OauthSource {
  kind: 'oauth';
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  scope?: string;
}

export type CredentialSource = GoogleSource | AzureSource | AwsSource | OauthSource;

/** As a provider's key has it. */
export interface CredentialConfig {
  /** The same for the same source in the same place; holds no secret. */
  id: string;
  /** Absent in workers, which never need it. */
  source?: CredentialSource;
}

/** What a source gave: a token that is sent as Bearer, or a pair that signs. */
export interface Obtained {
  token?: string;
  aws?: AwsCredentials;
  /** Project of Google's whose quota calls with the token count in (`x-goog-user-project`); absent = the token's own says it. */
  quotaProject?: string;
  /** ms since 1970; null = it does not say. */
  expiresAtMs: number | null;
}

/** The same under its name, as workers are told. A new object each time: what is made for one is never used for the next. */
export interface Credential extends Obtained {
  id: string;
}

/** What a worker holds. */
export interface Credentials {
  /** Null while there is none, or it has expired. */
  of(id: string): Credential | null;
  /** A provider would not take it, though it has not expired: the primary should get another. */
  refused(id: string): void;
  /** `bytes` without any secret that is held; the very same buffer when there is none in it. */
  mask(bytes: Buffer): Buffer;
}
