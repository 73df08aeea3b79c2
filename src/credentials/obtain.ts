// A credential from its source. Each kind is loaded only when one of it is configured: AWS's library alone takes 100 ms and some
// megabytes of the primary.
import type { CredentialSource, Obtained } from '../contracts/credential.ts';
import type { ObtainContext } from './token-request.ts';

export type Obtain = (source: CredentialSource, context: ObtainContext) => Promise<Obtained>;

/** @throws CredentialFault */
export const obtain: Obtain = async (source, context) => {
  switch (source.kind) {
    case 'google':
      return (await import('./google.ts')).obtainGoogle(source, context);
    case 'azure':
      return (await import('./azure.ts')).obtainAzure(source, context);
    case 'aws':
      return (await import('./aws.ts')).obtainAws(source, context);
    case 'oauth':
      return (await import('./oauth.ts')).obtainOauth(source, context);
  }
};
