// `headgate edge enrol`, `start`, `trust` and `status`: what makes a machine one of the gate's.
import { X509Certificate } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';
import { enrolDevice } from './enrol.ts';
import { createGateApi, GateRefusal } from './centre/gate-api.ts';
import { type EdgeIdentity, keepIdentity, readIdentity } from './identity.ts';
import { type Environment, GATE_OPTIONS, gateOf, gateUrl, parsed, portOf, TLS_OPTIONS } from './options.ts';
import { readOrders } from './orders.ts';
import { createOutbox } from './outbox.ts';
import { edgeFolder, surroundings } from './places.ts';
import type { TlsMeans } from './centre/plain-call.ts';
import { replaceFile } from './setup/plain-file.ts';
import { createEdgeSetup } from './setup/setup.ts';
import { EdgeUsageError } from './setup/usage.ts';
import { EDGE_PORT, PROXY_PORT, startEdge, tlsOf } from './start.ts';
import { agentStatuses, type MachineStatus, reach, statusText } from './status.ts';

const wall = (): number => Date.now();

export async function edgeEnrol(words: readonly string[], env: Environment): Promise<number> {
  const options = { gate: { type: 'string' }, name: { type: 'string' }, ...TLS_OPTIONS } as const;
  const { values } = parsed({ args: [...words], options });
  const gate = gateUrl(values.gate ?? env['HEADGATE_EDGE_URL']);
  const files = tlsFiles(values);
  const name = (values.name ?? hostname()).replace(/[^A-Za-z0-9._@-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  if (name === '') throw new EdgeUsageError('a name for this machine is needed: --name');
  const api = createGateApi(gate, tlsMeans(files), null);
  return answered(async () => {
    const made = await enrolDevice(
      { api, now: () => performance.now(), say: (text) => void process.stdout.write(text) },
      { name: name.slice(0, 64), platform: `${process.platform}-${process.arch}` },
    );
    keepIdentity(edgeFolder(env), {
      gate,
      key: made.credential,
      device: { id: made.id, name: made.name },
      ...files,
    });
    process.stdout.write(
      `This machine is ${made.name} at ${gate}${made.state === 'approved' ? '' : `, ${made.state}`}.\n  headgate edge start\n`,
    );
  });
}

export async function edgeTrust(words: readonly string[], env: Environment): Promise<number> {
  parsed({ args: [...words], options: {} });
  const folder = edgeFolder(env);
  const identity = readIdentity(folder);
  if (identity === null) throw new EdgeUsageError('this machine is not enrolled: headgate edge enrol');
  const api = createGateApi(identity.gate, tlsMeans(identity), identity.key);
  return answered(async () => {
    const { certificate, name } = await api.authority();
    const { fingerprint256, validTo } = new X509Certificate(certificate);
    const file = path.join(folder, 'authority.pem');
    replaceFile(file, certificate);
    // Where all programs of the machine would trust it is the person's, or the company's, to decide.
    process.stdout.write(
      [
        `${name}, until ${validTo}`,
        `SHA-256 ${fingerprint256}`,
        `is in ${file}. Nothing trusts it yet: compare the fingerprint with your administrators', then`,
        `  Node:    export NODE_EXTRA_CA_CERTS=${file}`,
        `  macOS:   sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${file}`,
        `  Debian:  sudo cp ${file} /usr/local/share/ca-certificates/headgate-edge.crt && sudo update-ca-certificates`,
        `  Windows: certutil -addstore Root ${file}`,
        '',
      ].join('\n'),
    );
  });
}

export function edgeStart(words: readonly string[], env: Environment, version: string): Promise<number> {
  const options = {
    ...GATE_OPTIONS,
    ...TLS_OPTIONS,
    port: { type: 'string', short: 'p' },
    proxy: { type: 'boolean' },
    'proxy-port': { type: 'string' },
    fallback: { type: 'string' },
  } as const;
  const { values } = parsed({ args: [...words], options });
  const folder = edgeFolder(env);
  const identity = readIdentity(folder);
  const stated = values['gate-key'] ?? env['HEADGATE_EDGE_KEY'];
  // What is said goes before what was kept, as everywhere.
  const { url, key } =
    stated === undefined && identity !== null
      ? { url: gateUrl(values.gate ?? env['HEADGATE_EDGE_URL'] ?? identity.gate), key: identity.key }
      : gateOf(values, env);
  const files = tlsFiles(values);
  const enrolled = identity !== null && identity.key === key;
  const proxied = values.proxy === true || values['proxy-port'] !== undefined;
  if (proxied && !enrolled)
    throw new EdgeUsageError('--proxy needs a machine that is enrolled: the gate says what is opened');
  return startEdge({
    gate: url,
    key,
    fallback: values.fallback === undefined ? null : gateUrl(values.fallback),
    port: portOf(values.port ?? String(EDGE_PORT)),
    proxyPort: proxied ? portOf(values['proxy-port'] ?? String(PROXY_PORT)) : null,
    tls: tlsMeans(Object.keys(files).length === 0 && enrolled ? identity : files),
    folder,
    where: surroundings(env),
    version,
    enrolled,
  });
}

export async function edgeStatus(words: readonly string[], env: Environment): Promise<number> {
  const { values } = parsed({ args: [...words], options: { json: { type: 'boolean' } } });
  const where = surroundings(env);
  const folder = edgeFolder(env);
  const agents = agentStatuses(createEdgeSetup(where, folder, wall), where);
  const identity = readIdentity(folder);
  const gates = new Set([
    ...(identity === null ? [] : [identity.gate]),
    ...agents.flatMap(({ setup }) => (setup.kind === 'none' ? [] : [setup.gate])),
  ]);
  const tls = identity === null ? {} : tlsMeans(identity);
  const states = new Map(
    await Promise.all(
      [...gates].map(async (gate) => [gate, await reach(gate, gate === identity?.gate ? tls : {})] as const),
    ),
  );
  const machine = identity === null ? null : await machineStatus(identity, folder);
  const text = values.json
    ? `${JSON.stringify({ machine, agents, gates: Object.fromEntries(states) }, null, 2)}\n`
    : statusText({ machine, agents, gates: states });
  process.stdout.write(text);
  return 0;
}

/** As the centre has it; else as it was heard last. */
async function machineStatus(identity: EdgeIdentity, folder: string): Promise<MachineStatus> {
  const { gate, key, device } = identity;
  const { bytes } = createOutbox(folder).waiting;
  const told = await createGateApi(gate, tlsMeans(identity), key)
    .orders()
    .catch((error: unknown) => (error instanceof GateRefusal ? error : null));
  const refused = told instanceof GateRefusal;
  return {
    name: device.name,
    gate,
    orders: refused ? null : (told ?? readOrders(folder)),
    fresh: told !== null,
    refusal: refused ? told.message : null,
    waitingBytes: bytes,
  };
}

type TlsFiles = Pick<EdgeIdentity, 'ca' | 'cert' | 'certKey'>;

function tlsFiles(values: { ca?: string; cert?: string; 'cert-key'?: string }): TlsFiles {
  const { ca, cert, 'cert-key': certKey } = values;
  if ((cert === undefined) !== (certKey === undefined))
    throw new EdgeUsageError('--cert and --cert-key go together');
  // Kept for other working directories.
  const whole = Object.entries({ ca, cert, certKey }).flatMap(([part, file]) =>
    file === undefined ? [] : [[part, path.resolve(file)] as const],
  );
  return Object.fromEntries(whole);
}

const tlsMeans = ({ ca, cert, certKey }: TlsFiles): TlsMeans => tlsOf({ ca, cert, key: certKey });

/** The gate's no, and its silence, are said in one line. */
async function answered(work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    process.stderr.write(`headgate: ${error.message}\n`);
    return 1;
  }
}
