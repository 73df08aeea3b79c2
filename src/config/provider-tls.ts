// A provider's certificates, checked when the configuration loads: what is none would otherwise show as a connection that
// never comes about.
import type { ProviderTls } from '../contracts/provider-config.ts';
import type { BuildContext } from './build-context.ts';
import { certificatesFault, keyPairFault } from './certificates.ts';
import type { ProviderEntry } from './schema/provider.ts';

/** Null when nothing is stated, or after reporting what cannot be used. */
export function buildTls(
  name: string,
  stated: NonNullable<ProviderEntry['tls']>,
  base: URL,
  context: BuildContext,
): ProviderTls | null {
  const path = ['providers', name, 'tls'];
  if (Object.keys(stated).length === 0) return null;
  if (base.protocol !== 'https:') {
    context.report(path, 'only an `https` base URL speaks TLS: without it nothing is checked');
    return null;
  }
  const { ca, cert, key } = stated;
  if (key !== undefined) context.secret(key);
  const faults = {
    ca: ca === undefined ? null : certificatesFault(ca),
    cert: cert === undefined ? null : certificatesFault(cert),
  };
  if (faults.ca !== null) context.report([...path, 'ca'], faults.ca);
  if (faults.cert !== null) context.report([...path, 'cert'], faults.cert);
  if (cert !== undefined && key === undefined) context.report(path, 'a certificate also needs its `key`');
  if (key !== undefined && cert === undefined) context.report(path, 'a key also needs its `cert`');
  if (cert !== undefined && key !== undefined && faults.cert === null) {
    const fault = keyPairFault(cert, key);
    if (fault !== null) context.report([...path, 'key'], fault);
  }
  return { ...stated };
}
