// Certificates for tests, made by openssl: an authority of the test's own, and what it signs.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Pair {
  cert: string;
  key: string;
}

export interface Authority {
  /** PEM of the authority itself. */
  readonly ca: string;
  /** For `localhost` and 127.0.0.1, good as a server's and as a client's; with `names` (as openssl has them) for these, a client's alone. */
  sign(commonName: string, more?: { organizationalUnit?: string; names?: string }): Pair;
  /** Its files go. */
  remove(): void;
}

export function makeAuthority(name = 'authority of the tests'): Authority {
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-ca-'));
  const run = (...args: string[]): void => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  run('req', '-x509', ...key, '-days', '2', '-subj', `/CN=${name}`, '-keyout', 'ca.key', '-out', 'ca.pem');
  writeFileSync(
    path.join(folder, 'ext'),
    'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n',
  );
  const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
  let made = 0;
  return {
    ca: read('ca.pem'),
    sign(commonName, { organizationalUnit, names } = {}) {
      const id = `c${++made}`;
      const unit = organizationalUnit === undefined ? '' : `/OU=${organizationalUnit}`;
      if (names !== undefined)
        writeFileSync(path.join(folder, id), `subjectAltName=${names}\nextendedKeyUsage=clientAuth\n`);
      run('req', ...key, '-subj', `${unit}/CN=${commonName}`, '-keyout', `${id}.key`, '-out', `${id}.csr`);
      const by = [
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-days',
        '2',
        '-extfile',
        names === undefined ? 'ext' : id,
      ];
      run('x509', '-req', '-in', `${id}.csr`, ...by, '-out', `${id}.pem`);
      return { cert: read(`${id}.pem`), key: read(`${id}.key`) };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
