// Server reflection (grpc.reflection.v1 and its twin v1alpha): tools learn the messages of the services by asking. What they
// are told is published anyway.
import type { ServerHttp2Stream } from 'node:http2';
import { type DescribedFile, describedFiles, SERVICES } from '../../grpc/described-files.ts';
import { fieldTexts } from '../../grpc/field-texts.ts';
import { GRPC_CODES } from '../../contracts/grpc.ts';
import { GrpcDeframer, grpcFrame } from '../../wire/grpc.ts';
import { ProtobufWriter } from '../../wire/protobuf.ts';
import { beginAnswer, endWith } from './grpc-stream.ts';

export const REFLECTION_METHODS: ReadonlySet<string> = new Set(
  ['v1', 'v1alpha'].map((version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`),
);
/** What is asked, by the number of its field. */
const ASKED = { fileByName: 3, fileOfSymbol: 4, services: 7 } as const;
/** What is answered. */
const ANSWER = { validHost: 1, original: 2, files: 4, services: 6, error: 7 } as const;
const MAX_REQUEST_BYTES = 4_096;

export function reflect(stream: ServerHttp2Stream): void {
  const files = describedFiles();
  const deframer = new GrpcDeframer(MAX_REQUEST_BYTES, (message) => {
    beginAnswer(stream);
    // Its questions are read no faster than its answers are taken.
    if (!stream.write(grpcFrame(answerTo(message, files)))) stream.pause();
  });
  stream.on('drain', () => stream.resume());
  stream.on('data', (piece: Buffer) => {
    try {
      deframer.push(piece);
    } catch {
      endWith(stream, 'INVALID_ARGUMENT', 'The message is no ServerReflectionRequest.');
    }
  });
  stream.on('end', () => endWith(stream, 'OK'));
}

function answerTo(message: Buffer, files: readonly DescribedFile[]): Buffer {
  const asked = fieldTexts(message);
  const out = new ProtobufWriter();
  const host = asked.get(1) ?? '';
  if (host !== '') out.text(ANSWER.validHost, host);
  out.bytes(ANSWER.original, message);
  if (asked.has(ASKED.services)) {
    const list = out.begin(ANSWER.services);
    for (const service of SERVICES) {
      const one = out.begin(1);
      out.text(1, service);
      out.end(one);
    }
    out.end(list);
    return out.take();
  }
  const name = asked.get(ASKED.fileByName);
  const symbol = asked.get(ASKED.fileOfSymbol);
  const found = files.find(
    (file) => file.name === name || (symbol !== undefined && file.symbols.has(symbol)),
  );
  if (found === undefined) {
    const at = out.begin(ANSWER.error);
    out.uint(1, GRPC_CODES.NOT_FOUND);
    out.text(2, 'There is no such file or symbol.');
    out.end(at);
    return out.take();
  }
  const at = out.begin(ANSWER.files);
  out.bytes(1, found.bytes);
  out.end(at);
  return out.take();
}
