// Requests and answers of the Open Inference Protocol v2 as bytes (inference.ModelInferRequest, ModelInferResponse): field numbers
// as the protocol's own definition has them.
import type { TensorType } from '../contracts/grpc-provider.ts';
import type { Json } from '../contracts/json.ts';
import { ProtobufWriter } from '../wire/protobuf.ts';
import { ProtobufFault, ProtobufReader } from '../wire/protobuf-reader.ts';

/** A tensor with its values, in row-major order. */
export interface Tensor {
  name: string;
  type: TensorType;
  shape: readonly number[];
  values: readonly Json[];
}

export interface InferRequest {
  model: string;
  version: string;
  id: string;
  parameters: Readonly<Record<string, Json | undefined>>;
  inputs: readonly Tensor[];
  /** Names of the outputs that are wanted; none = all. */
  outputs: readonly string[];
}

/** Field of InferTensorContents by type: 32 bits and fewer share one. */
const CONTENTS: Readonly<Record<TensorType, number>> = {
  BOOL: 1,
  INT8: 2,
  INT16: 2,
  INT32: 2,
  INT64: 3,
  UINT8: 4,
  UINT16: 4,
  UINT32: 4,
  UINT64: 5,
  FP32: 6,
  FP64: 7,
  BYTES: 8,
};

export function writeInferRequest(request: InferRequest): Buffer {
  const writer = new ProtobufWriter(1024);
  writer.text(1, request.model);
  if (request.version !== '') writer.text(2, request.version);
  writer.text(3, request.id);
  for (const [name, value] of Object.entries(request.parameters))
    if (value !== undefined && value !== null) writeParameter(writer, 4, name, value);
  for (const tensor of request.inputs) writeTensor(writer, 5, tensor);
  for (const name of request.outputs) {
    const output = writer.begin(6);
    writer.text(1, name);
    writer.end(output);
  }
  return writer.take();
}

function writeParameter(writer: ProtobufWriter, field: number, name: string, value: Json): void {
  const entry = writer.begin(field);
  writer.text(1, name);
  const parameter = writer.begin(2);
  if (typeof value === 'boolean') writer.bool(1, value);
  else if (typeof value === 'number' && Number.isSafeInteger(value)) writer.int(2, value);
  else if (typeof value === 'number') writer.double(4, value);
  else writer.text(3, typeof value === 'string' ? value : JSON.stringify(value));
  writer.end(parameter);
  writer.end(entry);
}

function writeTensor(writer: ProtobufWriter, field: number, { name, type, shape, values }: Tensor): void {
  const tensor = writer.begin(field);
  writer.text(1, name);
  writer.text(2, type);
  writer.packedInt(3, shape);
  const contents = writer.begin(5);
  const place = CONTENTS[type];
  if (type === 'BYTES') for (const value of values) writer.text(place, textOf(value));
  else if (type === 'FP32') writer.packedFloat(place, values.map(Number));
  else if (type === 'FP64') writer.packedDouble(place, values.map(Number));
  else
    writer.packedInt(
      place,
      values.map((value) => Math.trunc(Number(value)) || 0),
    );
  writer.end(contents);
  writer.end(tensor);
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What an answer holds, by name of the tensor: text of BYTES, numbers and truth values of others. */
export interface InferResponse {
  outputs: Map<string, (string | number)[]>;
  /** `triton_final_response`: nothing comes behind it. */
  final: boolean;
}

interface Found {
  name: string;
  type: string;
  values: (string | number)[];
}

/** @throws ProtobufFault */
export function readInferResponse(bytes: Buffer): InferResponse {
  const reader = new ProtobufReader(bytes);
  const tensors: Found[] = [];
  const raw: Buffer[] = [];
  let final = false;
  while (reader.next()) {
    if (reader.field === 4) final ||= isFinal(reader.message());
    else if (reader.field === 5) tensors.push(readTensor(reader.message()));
    else if (reader.field === 6) raw.push(reader.bytes());
  }
  if (raw.length > 0 && raw.length !== tensors.length) throw new ProtobufFault('tensors lack their contents');
  tensors.forEach((tensor, index) => {
    const contents = raw[index];
    if (contents !== undefined) tensor.values = unpack(tensor.type, contents);
  });
  return { outputs: new Map(tensors.map(({ name, values }) => [name, values])), final };
}

function isFinal(entry: ProtobufReader): boolean {
  let name = '';
  let value = false;
  while (entry.next()) {
    if (entry.field === 1) name = entry.text();
    else if (entry.field === 2) {
      const parameter = entry.message();
      while (parameter.next()) if (parameter.field === 1) value = parameter.bool();
    }
  }
  return name === 'triton_final_response' && value;
}

function readTensor(reader: ProtobufReader): Found {
  const found: Found = { name: '', type: '', values: [] };
  while (reader.next()) {
    if (reader.field === 1) found.name = reader.text();
    else if (reader.field === 2) found.type = reader.text();
    else if (reader.field === 5) readContents(reader.message(), found.values);
  }
  return found;
}

function readContents(reader: ProtobufReader, values: (string | number)[]): void {
  const numbers: number[] = [];
  while (reader.next()) {
    if (reader.field === 8) values.push(reader.text());
    else if (reader.field === 6) reader.reals(numbers, 4);
    else if (reader.field === 7) reader.reals(numbers, 8);
    else if (reader.field <= 5) reader.uints(numbers);
  }
  values.push(...numbers);
}

/** Raw contents: numbers little-endian, BYTES each behind its length in four bytes. */
function unpack(type: string, bytes: Buffer): (string | number)[] {
  if (type === 'BYTES') return unpackTexts(bytes);
  const read = RAW[type];
  if (read === undefined) return [];
  const [size, at] = read;
  const values: number[] = [];
  for (let offset = 0; offset + size <= bytes.length; offset += size) values.push(at(bytes, offset));
  return values;
}

function unpackTexts(bytes: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : Number.POSITIVE_INFINITY;
    if (at + 4 + length > bytes.length) throw new ProtobufFault('a text is cut');
    texts.push(bytes.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  return texts;
}

const RAW: Readonly<Record<string, readonly [bytes: number, read: (bytes: Buffer, at: number) => number]>> = {
  BOOL: [1, (bytes, at) => bytes[at]!],
  INT8: [1, (bytes, at) => bytes.readInt8(at)],
  INT16: [2, (bytes, at) => bytes.readInt16LE(at)],
  INT32: [4, (bytes, at) => bytes.readInt32LE(at)],
  INT64: [8, (bytes, at) => Number(bytes.readBigInt64LE(at))],
  UINT8: [1, (bytes, at) => bytes[at]!],
  UINT16: [2, (bytes, at) => bytes.readUInt16LE(at)],
  UINT32: [4, (bytes, at) => bytes.readUInt32LE(at)],
  UINT64: [8, (bytes, at) => Number(bytes.readBigUInt64LE(at))],
  FP32: [4, (bytes, at) => bytes.readFloatLE(at)],
  FP64: [8, (bytes, at) => bytes.readDoubleLE(at)],
};

/** ModelStreamInfer's answer: an error in words, or one as above. @throws ProtobufFault */
export function readStreamResponse(bytes: Buffer): { error: string; response: InferResponse | null } {
  const reader = new ProtobufReader(bytes);
  let error = '';
  let response: InferResponse | null = null;
  while (reader.next()) {
    if (reader.field === 1) error = reader.text();
    else if (reader.field === 2) response = readInferResponse(reader.bytes());
  }
  return { error, response };
}
