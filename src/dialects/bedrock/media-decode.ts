// Images, documents, videos and sound in a client's messages. Bytes come as base64; what lies in S3 only Bedrock can read.
import type { DocumentPart, Part } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { standardBase64, trueMediaType } from '../media-bytes.ts';
import type { Unmapped } from '../notes.ts';
import {
  asArray,
  asObject,
  at,
  badRequest,
  needObject,
  needString,
  readBoolean,
  readObject,
  readString,
} from '../read.ts';
import { type MediaKind, mediaTypeOf } from './media.ts';

export function decodeImage(image: JsonObject, path: string, unmapped: Unmapped): Part[] {
  const source = bytesOf(image, 'image', path, unmapped);
  return source === null ? [] : [{ kind: 'image', source, detail: null, cache: null }];
}

export function decodeVideo(video: JsonObject, path: string, unmapped: Unmapped): Part[] {
  const source = bytesOf(video, 'video', path, unmapped);
  return source === null ? [] : [{ kind: 'video', source }];
}

export function decodeAudio(audio: JsonObject, path: string, unmapped: Unmapped): Part[] {
  const data = dataOf(audio, path, unmapped);
  return data === null ? [] : [{ kind: 'audio', format: needString(audio, 'format', path), data }];
}

export function decodeDocument(document: JsonObject, path: string, unmapped: Unmapped): Part[] {
  if (document['context'] !== undefined && document['context'] !== null)
    unmapped.dropped.push(at(path, 'context'));
  const citations = readObject(document, 'citations', path);
  const cited = citations !== null && readBoolean(citations, 'enabled', at(path, 'citations')) === true;
  if (cited) (unmapped.citations ??= []).push(at(path, 'citations'));
  const name = readString(document, 'name', path);
  const part = (source: DocumentPart['source']): Part[] => [
    { kind: 'document', source, name, cache: null, ...(cited && { citations: true }) },
  ];
  const source = needObject(document, 'source', path);
  const sourcePath = at(path, 'source');
  const text = readString(source, 'text', sourcePath);
  if (text !== null) return part({ kind: 'text', text });
  if (source['content'] !== undefined) {
    const contentPath = at(sourcePath, 'content');
    const texts = asArray(source['content'], contentPath).map((item, index) =>
      needString(asObject(item, at(contentPath, index)), 'text', at(contentPath, index)),
    );
    return part({ kind: 'text', text: texts.join('\n') });
  }
  // Without a format it is plain text, as the vendor has it.
  const bytes = bytesOf({ format: 'txt', ...document }, 'document', path, unmapped);
  return bytes === null ? [] : part(bytes);
}

function bytesOf(
  media: JsonObject,
  kind: MediaKind,
  path: string,
  unmapped: Unmapped,
): { kind: 'base64'; mediaType: string; data: string } | null {
  const format = needString(media, 'format', path);
  const data = dataOf(media, path, unmapped);
  if (data === null) return null;
  const mediaType = trueMediaType(mediaTypeOf(kind, format), data);
  if (mediaType !== '') return { kind: 'base64', mediaType, data };
  throw badRequest(at(path, 'format'), `Invalid value: '${at(path, 'format')}' is no format of a ${kind}.`);
}

function dataOf(media: JsonObject, path: string, unmapped: Unmapped): string | null {
  const source = needObject(media, 'source', path);
  const sourcePath = at(path, 'source');
  if (readObject(source, 's3Location', sourcePath) !== null) {
    unmapped.mustNotDrop.push(at(sourcePath, 's3Location'));
    return null;
  }
  const data = standardBase64(needString(source, 'bytes', sourcePath));
  if (data !== null) return data;
  throw badRequest(at(sourcePath, 'bytes'), `Invalid value: '${at(sourcePath, 'bytes')}' must be base64.`);
}
