// A server that speaks RESP2, or RESP3 where it is told to (answers as Redis Stack 7.4 gave them), and the few commands of a Redis with its query engine that redis-search.ts sends, as Redis's documents
// describe them (FT.CREATE, FT.SEARCH with KNN, HSET, PEXPIREAT, DEL). It is strict: what it does not know is an error.

import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

interface Row {
  readonly p: string;
  readonly u: number;
  readonly n: string;
  readonly t: string;
  readonly v: Float32Array;
}

export interface SearchServer {
  readonly url: string;
  /** Arguments of FT.CREATE by name of the index. */
  readonly indexes: Map<string, string[]>;
  readonly rows: Map<string, Row>;
  readonly expires: Map<string, number>;
  /** All commands, their first arguments as text. */
  readonly heard: string[][];
  close(): Promise<void>;
}

const QUERY = /^\(@p:\{([0-9a-f]{64})\} @u:\[\((\d+) \+inf\]\)=>\[KNN (\d+) @v \$q AS d\]$/;
const OVER = /^@u:\[-inf (\d+)\]$/;

class Refused extends Error {}

export async function startSearchServer(protocol: 2 | 3 = 2): Promise<SearchServer> {
  const indexes = new Map<string, string[]>();
  const rows = new Map<string, Row>();
  const expires = new Map<string, number>();
  const heard: string[][] = [];
  const sockets = new Set<Socket>();

  function run(parts: readonly Buffer[]): string {
    const [name = '', ...args] = parts.map(String);
    heard.push([name.toUpperCase(), ...args]);
    switch (name.toUpperCase()) {
      case 'INFO':
        return bulk('redis_version:8.4.0\r\nloading:0\r\n');
      case 'HELLO':
        if (protocol === 2) throw new Refused(`unknown command '${name}'`);
        return map(['server', bulk('redis')], ['proto', ':3\r\n']);
      case 'CLIENT':
      case 'SELECT':
        return '+OK\r\n';
      case 'FT.CREATE': {
        const [index = '', ...schema] = args;
        if (indexes.has(index)) throw new Refused('Index already exists');
        indexes.set(index, schema);
        return '+OK\r\n';
      }
      case 'HSET': {
        const fields = new Map<string, Buffer>();
        for (let at = 2; at < parts.length; at += 2) fields.set(String(parts[at]), parts[at + 1]!);
        const text = (field: string): string => String(fields.get(field));
        const bytes = Uint8Array.from(fields.get('v')!);
        rows.set(args[0]!, {
          p: text('p'),
          u: Number(text('u')),
          n: text('n'),
          t: text('t'),
          v: new Float32Array(bytes.buffer),
        });
        return `:${fields.size}\r\n`;
      }
      case 'PEXPIREAT':
        expires.set(args[0]!, Number(args[1]));
        return ':1\r\n';
      case 'DEL':
        return `:${args.filter((key) => rows.delete(key)).length}\r\n`;
      case 'FT.SEARCH':
        return search(args, parts);
      default:
        throw new Refused(`unknown command '${name}'`);
    }
  }

  function search([index = '', query = '', ...more]: readonly string[], parts: readonly Buffer[]): string {
    const schema = indexes.get(index);
    if (schema === undefined) throw new Refused(`No such index ${index}`);
    const prefix = schema[schema.indexOf('PREFIX') + 2]!;
    const own = [...rows].filter(([key]) => key.startsWith(prefix));
    const over = OVER.exec(query);
    if (over !== null) {
      const gone = own.filter(([, { u }]) => u <= Number(over[1]));
      return told(gone.map(([key, { n }]) => ({ key, fields: ['n', n] })));
    }
    const [, tag, after, count] = QUERY.exec(query) ?? [];
    if (tag === undefined) throw new Refused('Syntax error at offset 0');
    const asked = Float32Array.from(
      new Float32Array(Uint8Array.from(parts[1 + 2 + more.indexOf('q') + 1]!).buffer),
    );
    if (String(asked.length) !== schema[schema.indexOf('DIM') + 1])
      throw new Refused('Error parsing vector similarity query: query vector blob size does not match');
    const found = own
      .filter(([, { p, u }]) => p === tag && u > Number(after))
      .map(([key, row]) => ({ key, row, d: 1 - cosine(row.v, asked) }))
      .sort((one, other) => one.d - other.d)
      .slice(0, Number(count));
    return told(
      found.map(({ key, row: { n, t }, d }) => ({ key, fields: ['n', n, 't', t, 'd', String(d)] })),
    );
  }

  function told(found: readonly { key: string; fields: readonly string[] }[]): string {
    if (protocol === 2)
      return list([
        `:${found.length}\r\n`,
        ...found.flatMap(({ key, fields }) => [bulk(key), list(fields.map(bulk))]),
      ]);
    const results = found.map(({ key, fields }) =>
      map(
        ['id', bulk(key)],
        ['extra_attributes', `%${fields.length / 2}\r\n${fields.map(bulk).join('')}`],
        ['values', list([])],
      ),
    );
    return map(
      ['attributes', list([])],
      ['total_results', `:${found.length}\r\n`],
      ['format', bulk('STRING')],
      ['results', list(results)],
      ['warning', list([])],
    );
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let waiting: Buffer = Buffer.alloc(0);
    socket.on('data', (piece: Buffer) => {
      waiting = Buffer.concat([waiting, piece]);
      for (let taken = command(waiting); taken !== null; taken = command(waiting)) {
        waiting = waiting.subarray(taken.end);
        try {
          socket.write(run(taken.parts));
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          socket.write(`-${error.message}\r\n`);
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    indexes,
    rows,
    expires,
    heard,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** `*n` of `$length` texts; null = it is not whole yet. */
function command(bytes: Buffer): { parts: Buffer[]; end: number } | null {
  let at = 0;
  const line = (): string | null => {
    const end = bytes.indexOf('\r\n', at);
    if (end === -1) return null;
    const text = bytes.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  const head = line();
  if (head === null) return null;
  const parts: Buffer[] = [];
  for (let left = Number(head.slice(1)); left > 0; left--) {
    const length = line();
    const end = at + Number(length?.slice(1));
    if (length === null || bytes.length < end + 2) return null;
    parts.push(bytes.subarray(at, end));
    at = end + 2;
  }
  return { parts, end: at };
}

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const list = (items: readonly string[]): string => `*${items.length}\r\n${items.join('')}`;

function cosine(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += one[i]! * other[i]!;
  return sum;
}

/** Names, and values as they are written. */
function map(...members: readonly (readonly [name: string, value: string])[]): string {
  return `%${members.length}\r\n${members.map(([name, value]) => bulk(name) + value).join('')}`;
}
