// The certificate of a connection's client, as far as TLS has checked it: read once a connection.
import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ClientCertificate } from '../../contracts/client-certificate.ts';

export class ClientCertificates {
  readonly #known = new WeakMap<Socket, ClientCertificate | null>();

  /** Null: none was shown, or one that no authority of the listener signed. */
  of(socket: Socket): ClientCertificate | null {
    let found = this.#known.get(socket);
    if (found === undefined) this.#known.set(socket, (found = read(socket as TLSSocket))); // its listener speaks TLS
    return found;
  }
}

function read(socket: TLSSocket): ClientCertificate | null {
  if (socket.authorized !== true) return null;
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? null : readCertificate(certificate);
}

/** @param certificate as node shows it */
export function readCertificate({
  fingerprint256,
  subject,
  subjectAltName,
}: Pick<X509Certificate, 'fingerprint256' | 'subject' | 'subjectAltName'>): ClientCertificate {
  return {
    fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
    subject: subjectOf(subject ?? ''),
    names: namesOf(subjectAltName ?? ''),
  };
}

/** Node gives a line for each attribute, with what is special in RFC 2253 behind a backslash: no value makes another line. */
function subjectOf(text: string): [string, string][] {
  // Of several attributes in one name (RFC 4514, 2.2) ` + ` stands between them; in a value the sign is escaped.
  const lines = text.split('\n').flatMap((line) => line.split(' + '));
  return lines.flatMap((line): [string, string][] => {
    const at = line.indexOf('=');
    return at < 1 ? [] : [[line.slice(0, at), unescaped(line.slice(at + 1))]];
  });
}

function unescaped(text: string): string {
  return text.replace(/\\([0-9A-Fa-f]{2}|.)/g, (_, what: string) =>
    what.length === 2 ? String.fromCharCode(Number.parseInt(what, 16)) : what,
  );
}

/** Node puts a name that holds what could be taken for the next one into quotes, as JSON does. */
function namesOf(text: string): [string, string][] {
  const names: [string, string][] = [];
  const one = /([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/y;
  for (let found = one.exec(text); found !== null && found[0] !== ''; found = one.exec(text)) {
    const [, kind, value] = found as unknown as [string, string, string]; // both groups are part of every match
    names.push([
      kind === 'IP Address' ? 'IP' : kind,
      value.startsWith('"') ? String(JSON.parse(value)) : value,
    ]);
  }
  return names;
}
