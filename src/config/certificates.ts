// Certificates and keys, checked when the configuration loads: what is none would otherwise show as a connection that
// never comes about.
import { createPrivateKey, X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/** Why `pem` is no list of certificates; null when it is one. Nothing of it is repeated. */
export function certificatesFault(pem: string): string | null {
  const blocks = [...pem.matchAll(BLOCK)];
  if (blocks.length === 0)
    return 'expected certificates in PEM, such as `file:/etc/ssl/ca.pem`; there is no certificate in it';
  for (const [block, kind] of blocks) {
    if (kind !== 'CERTIFICATE' && kind !== 'TRUSTED CERTIFICATE')
      return 'expected certificates in PEM and nothing else, got a block that is no certificate';
    try {
      new X509Certificate(block);
    } catch {
      return 'one of the certificates cannot be read';
    }
  }
  return null;
}

/** Why `key` is not the private key of the first certificate in `cert`; null when it is. Nothing of it is repeated. */
export function keyPairFault(cert: string, key: string): string | null {
  if (/ENCRYPTED/.test(key)) return 'the key is encrypted: state it without a passphrase';
  let own: ReturnType<typeof createPrivateKey>;
  try {
    own = createPrivateKey(key);
  } catch {
    return 'expected a private key in PEM, such as `file:/run/secrets/client.key`';
  }
  return new X509Certificate(cert).checkPrivateKey(own) ? null : 'the key is not that of the certificate';
}
