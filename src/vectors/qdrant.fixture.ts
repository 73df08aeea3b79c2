// A Qdrant for tests, as strict as its document: collections, indexes of payloads, upserts, queries with filters, deletions. It was
// written from that document; no server of theirs can be had from the registries.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Point {
  id: string;
  vector: number[];
  payload: Record<string, unknown>;
}
interface Condition {
  key: string;
  match?: { value: unknown };
  range?: { gt?: number; lte?: number };
}
interface Collection {
  size: number;
  indexes: Map<string, string>;
  points: Map<string, Point>;
}
interface Asked {
  vectors?: { size: number; distance: string };
  field_name?: string;
  field_schema?: string;
  points?: (Point | string)[];
  filter?: { must: Condition[] };
  query?: number[];
  limit?: number;
  score_threshold?: number;
}

export interface FakeQdrant {
  url: string;
  collections: Map<string, Collection>;
  close(): Promise<void>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export async function startQdrant(key: string): Promise<FakeQdrant> {
  const collections = new Map<string, Collection>();

  function answer(method: string, path: string, asked: Asked): [number, unknown] {
    const [, name, ...rest] = path.split('?')[0]!.split('/').slice(1);
    const what = rest.join('/');
    const there = collections.get(name!);
    if (method === 'PUT' && what === '') {
      if (there !== undefined) return [409, 'exists'];
      if (asked.vectors?.distance !== 'Cosine' || !(asked.vectors.size > 0)) return [400, 'vectors'];
      collections.set(name!, { size: asked.vectors.size, indexes: new Map(), points: new Map() });
      return [200, true];
    }
    if (there === undefined) return [404, 'no such collection'];
    if (method === 'GET' && what === '') return [200, { status: 'green' }];
    if (method === 'PUT' && what === 'index') {
      there.indexes.set(asked.field_name!, asked.field_schema!);
      return [200, {}];
    }
    if (method === 'PUT' && what === 'points') return put(there, asked.points as Point[]); // checked there
    if (method === 'POST' && what === 'points/delete') {
      for (const point of [...there.points.values()])
        if (asked.points?.includes(point.id) || (asked.filter && fits(point, asked.filter.must)))
          there.points.delete(point.id);
      return [200, {}];
    }
    if (method !== 'POST' || what !== 'points/query') return [404, 'no such way'];
    if (asked.query?.length !== there.size) return [400, 'wrong dimensions'];
    const points = [...there.points.values()]
      .filter((point) => fits(point, asked.filter!.must))
      .map(({ id, vector, payload }) => ({ id, version: 1, score: cosine(vector, asked.query!), payload }))
      .filter(({ score }) => score >= asked.score_threshold!)
      .sort((one, other) => other.score - one.score);
    return [200, { points: points.slice(0, asked.limit) }];
  }

  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const [status, result] =
        request.headers['api-key'] === key
          ? answer(request.method!, request.url!, text === '' ? {} : (JSON.parse(text) as Asked)) // a test's own
          : [401, 'no'];
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ result, status: status === 200 ? 'ok' : { error: result }, time: 0 }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens at a port
  return {
    url: `http://127.0.0.1:${port}`,
    collections,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function put(there: Collection, points: Point[]): [number, unknown] {
  for (const point of points) {
    if (!UUID.test(point.id)) return [400, 'ids are numbers or UUIDs'];
    if (point.vector.length !== there.size) return [400, 'wrong dimensions'];
    there.points.set(point.id, point);
  }
  return [200, {}];
}

function fits({ payload }: Point, must: Condition[]): boolean {
  return must.every(({ key, match, range }) => {
    const value = payload[key];
    if (match !== undefined) return value === match.value;
    const number = Number(value);
    return number > (range?.gt ?? -Infinity) && number <= (range?.lte ?? Infinity);
  });
}

function cosine(one: number[], other: number[]): number {
  const dot = one.reduce((sum, number, at) => sum + number * other[at]!, 0);
  return dot / (Math.hypot(...one) * Math.hypot(...other));
}
