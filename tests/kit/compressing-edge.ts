// An edge in front of a provider that compresses whatever it is asked for: the first segment of the path says how
// (`/gzip/v1/models`, codings joined by `,` in the order they are applied). Pieces of an answer are flushed as they come.
import { createServer, request as httpRequest, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

export interface CompressingEdge {
  /** Base of one way to compress: `url('br')` + `/v1`. */
  url(codings: string): string;
  /** `accept-encoding` of the last request. */
  readonly accepted: string | undefined;
  /** Cuts the compressed bytes of answers behind so many; null = leaves them whole. Their message still ends well. */
  cutAt: number | null;
  close(): void;
}

const SYNC = zlib.constants.Z_SYNC_FLUSH;
const coders: Record<string, () => Transform> = {
  gzip: () => zlib.createGzip({ flush: SYNC }),
  deflate: () => zlib.createDeflate({ flush: SYNC }),
  'raw-deflate': () => zlib.createDeflateRaw({ flush: SYNC }),
  br: () => zlib.createBrotliCompress({ flush: zlib.constants.BROTLI_OPERATION_FLUSH }),
  zstd: () => zlib.createZstdCompress({ flush: zlib.constants.ZSTD_e_flush }),
};

/** Starts one in front of the provider on `port`. */
export async function startEdge(port: number): Promise<CompressingEdge> {
  const edge: { cutAt: number | null; accepted: string | undefined } = { cutAt: null, accepted: undefined };
  const server = createServer((incoming, outgoing) => {
    const [, codings = '', rest = ''] = /^\/([^/]+)(\/.*)$/.exec(incoming.url ?? '') ?? [];
    edge.accepted = incoming.headers['accept-encoding'];
    const onward = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method: incoming.method,
        path: rest,
        headers: incoming.headers,
        agent: false,
      },
      (answer) => {
        const { 'content-length': _length, 'transfer-encoding': _coding, ...headers } = answer.headers;
        outgoing.writeHead(answer.statusCode ?? 500, {
          ...headers,
          'content-encoding': codings.replaceAll('raw-', ''),
        });
        outgoing.flushHeaders();
        // A name nobody knows is only said.
        const chain = codings.split(',').flatMap((coding) => coders[coding]?.() ?? []);
        let last: NodeJS.ReadableStream = answer;
        for (const coder of chain) last = last.pipe(coder);
        pass(last, outgoing, edge.cutAt);
        answer.on('error', () => outgoing.destroy());
      },
    );
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  return Object.assign(edge, {
    url: (codings: string) => `http://127.0.0.1:${address.port}/${codings}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  });
}

function pass(from: NodeJS.ReadableStream, to: ServerResponse, cutAt: number | null): void {
  let left = cutAt ?? Number.POSITIVE_INFINITY;
  from.on('data', (piece: Buffer) => {
    to.write(piece.subarray(0, left));
    left = Math.max(0, left - piece.length);
  });
  from.on('end', () => to.end());
}
