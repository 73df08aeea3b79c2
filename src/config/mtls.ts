// Certificates of clients that are taken for keys.
import type { CertificateRule } from '../contracts/certificate-rule.ts';
import type { Config } from '../contracts/config.ts';
import type { BuildContext } from './build-context.ts';
import { buildHolder } from './holders.ts';
import { callerGroups } from './jwt.ts';
import type { FileConfig } from './schema/schema.ts';

/** Nothing where there are none. */
export function buildMtls(file: FileConfig, context: BuildContext): Pick<Config, 'mtls'> {
  const entries = file.auth?.mtls ?? [];
  if (entries.length === 0 || !context.sound(['auth', 'mtls'])) return {};
  const groups = callerGroups(file);
  const rules = entries.map((entry, index): CertificateRule => {
    const { name, match, key, claims = {}, organization, team, user, customer, project, ...policy } = entry;
    const path = ['auth', 'mtls', index];
    const { subject, san, fingerprint } = match;
    if (subject === undefined && san === undefined && fingerprint === undefined)
      context.report([...path, 'match'], 'say which certificates: `subject`, `san` or `fingerprint`');
    const stated = { organization, team, user, customer, project };
    const belongs = Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined));
    const more = [...Object.keys(belongs), ...Object.keys(claims), ...Object.keys(policy)];
    if (key !== undefined && more.length > 0)
      context.report(path, `with \`key\` it is what that key is: \`${more[0]}\` has no place beside it`);
    // What it names is there, and its addresses are addresses: said now and not with the first call.
    else buildHolder({ ...policy, ...belongs }, file, path, context);
    const fingerprints = typeof fingerprint === 'string' ? [fingerprint] : fingerprint;
    return {
      name: name ?? `mtls-${index + 1}`,
      match: {
        ...(subject === undefined ? {} : { subject }),
        ...(san === undefined ? {} : { san }),
        ...(fingerprints === undefined
          ? {}
          : { fingerprints: fingerprints.map((one) => one.replaceAll(':', '').toLowerCase()) }),
      },
      ...(key === undefined ? {} : { key }),
      claims,
      belongs,
      policy,
    };
  });
  const asked = (file.server?.listeners ?? []).some(({ tls }) => tls?.ca !== undefined);
  if (!asked)
    context.note(
      'auth.mtls: no listener asks clients for certificates (server.listeners with tls.ca): nobody comes with one',
    );
  return { mtls: { rules, groups } };
}
