// What tools that ask a server for its messages (grpcurl, grpcui, Postman) are told of its services.
import { type DescFile, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { ChatService, file_headgate_chat_v1_chat } from './chat-messages.ts';
import { EmbeddingsService, file_headgate_embeddings_v1_embeddings } from './embeddings-messages.ts';

export const SERVICES: readonly string[] = [ChatService.typeName, EmbeddingsService.typeName];

export interface DescribedFile {
  readonly name: string;
  /** Fully qualified names that are declared in it: messages, enums, services. */
  readonly symbols: ReadonlySet<string>;
  /** A FileDescriptorProto. */
  readonly bytes: Uint8Array;
}

/** The files of the services and those that they import. */
export function describedFiles(): DescribedFile[] {
  const files: DescribedFile[] = [];
  const visit = (file: DescFile): void => {
    const name = `${file.name}.proto`;
    if (files.some((one) => one.name === name)) return;
    const symbols = new Set(
      [...file.messages, ...file.enums, ...file.services].map(({ typeName }) => typeName),
    );
    for (const { typeName, methods } of file.services)
      for (const method of methods) symbols.add(`${typeName}.${method.name}`);
    files.push({ name, symbols, bytes: toBinary(FileDescriptorProtoSchema, file.proto) });
    file.dependencies.forEach(visit);
  };
  for (const file of [file_headgate_chat_v1_chat, file_headgate_embeddings_v1_embeddings]) visit(file);
  return files;
}
