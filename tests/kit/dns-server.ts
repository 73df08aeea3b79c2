// A name server on loopback that answers, refuses, or keeps silent as told, and counts what it was asked.
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';

/** What it knows of a name: addresses, or how it fails. `silent` never answers. */
export type Zone = Record<
  string,
  | { a?: string[]; aaaa?: string[]; ttl?: number; silentFor?: 'A' | 'AAAA'; delayMs?: number }
  | 'silent'
  | 'servfail'
>;

export interface DnsServer {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** May be changed at any time. A name that is not here does not exist. */
  zone: Zone;
  /** Names it was asked for with the type, `A good.test`, in order. */
  readonly asked: string[];
  close(): void;
}

const TYPES: Readonly<Record<number, 'A' | 'AAAA'>> = { 1: 'A', 28: 'AAAA' };
const NXDOMAIN = 3;
const SERVFAIL = 2;

export async function startDnsServer(zone: Zone): Promise<DnsServer> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const server = {
    address: `127.0.0.1:${socket.address().port}`,
    zone,
    asked: [] as string[],
    close: () => void socket.close(),
  };
  socket.on('message', (query, from) => {
    const { name, type, end } = questionOf(query);
    server.asked.push(`${type} ${name}`);
    const known = server.zone[name];
    if (known === 'silent') return;
    if (known === undefined || known === 'servfail') {
      send(answerOf(query, end, [], 0, known === undefined ? NXDOMAIN : SERVFAIL), from, 0);
      return;
    }
    if (known.silentFor === type) return;
    const records = (type === 'AAAA' ? known.aaaa : type === 'A' ? known.a : undefined) ?? [];
    send(answerOf(query, end, records.map(bytesOf), known.ttl ?? 60, 0), from, known.delayMs ?? 0);
  });

  function send(bytes: Buffer, { port, address }: RemoteInfo, delayMs: number): void {
    const now = (): void => {
      try {
        socket.send(bytes, port, address);
      } catch {
        // Closed meanwhile.
      }
    };
    if (delayMs > 0) setTimeout(now, delayMs).unref();
    else now();
  }
  return server;
}

function questionOf(query: Buffer): { name: string; type: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = query.readUInt16BE(at + 1);
  return { name: labels.join('.').toLowerCase(), type: TYPES[type] ?? String(type), end: at + 5 };
}

/** The question again, and behind it one record for each address. */
function answerOf(query: Buffer, end: number, addresses: Buffer[], ttl: number, code: number): Buffer {
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(addresses.length, 6);
  const records = addresses.map((bytes) => {
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0); // the name of the question
    record.writeUInt16BE(bytes.length === 4 ? 1 : 28, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(ttl, 6);
    record.writeUInt16BE(bytes.length, 10);
    return Buffer.concat([record, bytes]);
  });
  return Buffer.concat([head, query.subarray(12, end), ...records]);
}

/** Of IPv6 it reads full forms and `::` at any one place. */
function bytesOf(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [before, behind] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const rest = behind ?? [];
  const zeros = Array.from({ length: 8 - before!.length - rest.length }, () => '0');
  const bytes = Buffer.alloc(16);
  for (const [at, group] of [...before!, ...zeros, ...rest].entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), at * 2);
  return bytes;
}
