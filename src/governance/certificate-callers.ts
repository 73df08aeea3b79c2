// Who shows a certificate: the first rule that fits says whose it is. Pure; the same holder with another certificate (they are
// short-lived where they are made by a mesh) is the same principal to limits.
import type { CertificateRule } from '../contracts/certificate-rule.ts';
import type { CertificateCallers, ClientCertificate } from '../contracts/client-certificate.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { CallerPolicy, Holder } from '../contracts/holder.ts';
import type { Principal } from '../contracts/principal.ts';
import { matchesGlob } from '../names/glob.ts';
import { createPrincipalMaker } from './principal.ts';

/** Of principals: beyond that they are made anew, all of them. */
const MAX_KEPT = 10_000;
const GROUPS = ['organization', 'team', 'user', 'customer', 'project'] as const;

type Said = Partial<Record<(typeof GROUPS)[number], string>>;

export interface CertificateDeps {
  /** As TokenDeps: null = what it names is not there. */
  holderOf(said: Said, policy: CallerPolicy): Omit<Holder, 'name'> | null;
  named(key: string): Principal | null;
}

export function createCertificateCallers(
  rules: readonly CertificateRule[],
  { holderOf, named }: CertificateDeps,
): CertificateCallers {
  const make = createPrincipalMaker();
  const principals = new Map<string, Principal>();
  // One object a connection: what was found for it holds until it closes, or another configuration comes. Not for keys, which
  // may come, go or change at any time.
  const seen = new WeakMap<ClientCertificate, Principal>();

  function found(certificate: ClientCertificate): Principal | GatewayError | null {
    const rule = rules.find((one) => fits(one, certificate));
    if (rule === undefined) return null;
    if (rule.key !== undefined)
      return named(rule.key) ?? forbidden('The certificate is of a key that this gateway does not have.');
    const said: Said = { ...rule.belongs };
    for (const group of GROUPS) {
      const value = claimOf(certificate, rule.claims[group]);
      if (value !== undefined) said[group] = value;
    }
    const belongs = holderOf(said, rule.policy);
    if (belongs === null)
      return forbidden('What the certificate says its holder belongs to is not known to this gateway.');
    const own = claimOf(certificate, rule.claims.name) ?? nameOf(certificate);
    // The rule's name in front: no certificate makes its holder be called like a key.
    const holder: Holder = { ...belongs, name: `${rule.name}:${own}` };
    const identity = JSON.stringify(holder);
    let principal = principals.get(identity);
    if (principal === undefined) {
      if (principals.size >= MAX_KEPT) principals.clear();
      principals.set(identity, (principal = make(holder)));
    }
    seen.set(certificate, principal);
    return principal;
  }

  return { of: (certificate) => seen.get(certificate) ?? found(certificate) };
}

function fits(
  { match: { subject, san, fingerprints } }: CertificateRule,
  certificate: ClientCertificate,
): boolean {
  if (fingerprints !== undefined && !fingerprints.includes(certificate.fingerprint)) return false;
  if (san !== undefined && !certificate.names.some(([, value]) => matchesGlob(san, value))) return false;
  return Object.entries(subject ?? {}).every(([wanted, pattern]) =>
    certificate.subject.some(
      ([attribute, value]) => attribute.toLowerCase() === wanted.toLowerCase() && matchesGlob(pattern, value),
    ),
  );
}

function claimOf(certificate: ClientCertificate, place: string | undefined): string | undefined {
  if (place === undefined) return undefined;
  const san = /^san\.(\w+)$/i.exec(place)?.[1]?.toLowerCase();
  const list = san === undefined ? certificate.subject : certificate.names;
  const wanted = (san ?? place).toLowerCase();
  return list.find(([name]) => name.toLowerCase() === wanted)?.[1]?.slice(0, 256);
}

function nameOf(certificate: ClientCertificate): string {
  return (
    claimOf(certificate, 'CN') ??
    certificate.names[0]?.[1].slice(0, 256) ??
    certificate.fingerprint.slice(0, 16)
  );
}

const forbidden = (message: string): GatewayError => new GatewayError('GW_CLIENT_FORBIDDEN', { message });
