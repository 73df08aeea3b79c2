// Certificates of the two shapes that opening connections at the edge needs (RFC 5280): an authority, and a server's that it signs. Keys are of
// P-256, signatures ECDSA with SHA-256.
import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { bits, integer, octets, oid, sequence, set, tagged, time, truth, utf8 } from './der.ts';

const OID = {
  commonName: '2.5.4.3',
  ecdsaSha256: '1.2.840.10045.4.3.2',
  subjectKey: '2.5.29.14',
  keyUsage: '2.5.29.15',
  names: '2.5.29.17',
  constraints: '2.5.29.19',
  authorityKey: '2.5.29.35',
  extendedUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;
/** Bits of key usage, the first on the left: keyCertSign and cRLSign; digitalSignature. */
const SIGNS_CERTIFICATES = bits(Buffer.from([0x06]), 1);
const SIGNS = bits(Buffer.from([0x80]), 7);
const SERIAL_BYTES = 16;

export interface Issuer {
  /** Its common name. */
  readonly name: string;
  readonly privateKey: KeyObject;
}

export interface Validity {
  /** ms since 1970. */
  readonly from: number;
  readonly until: number;
}

/** @returns PEM of an authority that signed itself, and may sign servers and nothing below. */
export function authorityCertificate({ name, privateKey }: Issuer, validity: Validity): string {
  const key = publicDer(createPublicKey(privateKey));
  const extensions = [
    extension(OID.constraints, sequence(truth, integer(Buffer.from([0]))), true),
    extension(OID.keyUsage, SIGNS_CERTIFICATES, true),
    extension(OID.subjectKey, octets(keyId(key))),
  ];
  return signed({ name, privateKey }, name, key, validity, extensions);
}

/** @returns PEM of a server's certificate for one host. */
export function serverCertificate(issuer: Issuer, host: string, key: KeyObject, validity: Validity): string {
  const der = publicDer(key);
  const issuerKey = keyId(publicDer(createPublicKey(issuer.privateKey)));
  const extensions = [
    extension(OID.constraints, sequence(), true),
    extension(OID.keyUsage, SIGNS, true),
    extension(OID.extendedUsage, sequence(oid(OID.serverAuth))),
    // dNSName is [2] of a general name.
    extension(OID.names, sequence(tagged(0x82, Buffer.from(host, 'ascii')))),
    extension(OID.subjectKey, octets(keyId(der))),
    // keyIdentifier is [0].
    extension(OID.authorityKey, sequence(tagged(0x80, issuerKey))),
  ];
  return signed(issuer, host, der, validity, extensions);
}

function signed(
  { name, privateKey }: Issuer,
  subject: string,
  key: Buffer,
  { from, until }: Validity,
  extensions: readonly Buffer[],
): string {
  const algorithm = sequence(oid(OID.ecdsaSha256));
  const serial = randomBytes(SERIAL_BYTES);
  const told = sequence(
    tagged(0xa0, integer(Buffer.from([2]))), // version 3
    integer(serial),
    algorithm,
    nameOf(name),
    sequence(time(from), time(until)),
    nameOf(subject),
    key,
    tagged(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', told, { key: privateKey, dsaEncoding: 'der' });
  const der = sequence(told, algorithm, bits(signature));
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

const nameOf = (commonName: string): Buffer => sequence(set(sequence(oid(OID.commonName), utf8(commonName))));

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [truth] : []), octets(value));
}

const publicDer = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

/** RFC 7093, 2, method 1: any that is the same for the same key would do. */
const keyId = (der: Buffer): Buffer => createHash('sha256').update(der).digest().subarray(0, 20);
