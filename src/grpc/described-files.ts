// What tools that ask a server for its messages (grpcurl, grpcui, Postman) are told of the chat service.
import { type DescFile, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { ChatService, file_headgate_chat_v1_chat } from './chat-messages.ts';

export const CHAT_SERVICE = ChatService.typeName;

export interface DescribedFile {
  readonly name: string;
  /** Fully qualified names that are declared in it: messages, enums, services. */
  readonly symbols: ReadonlySet<string>;
  /** A FileDescriptorProto. */
  readonly bytes: Uint8Array;
}

/** The file of the chat service and those that it imports. */
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
  visit(file_headgate_chat_v1_chat);
  return files;
}
