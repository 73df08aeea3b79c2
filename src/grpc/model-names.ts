// Lists of models as Chat Completions have them, of servers that list theirs in messages.
import type { GrpcAnswer, GrpcModels } from '../contracts/grpc-provider.ts';
import { ProtobufReader } from '../wire/protobuf-reader.ts';

/** Of a message whose first field is a list, and each one's first field its name (Triton, SGLang). @throws ProtobufFault */
export function readNames(message: Buffer): string[] {
  const reader = new ProtobufReader(message);
  const names = new Set<string>();
  while (reader.next()) {
    if (reader.field !== 1) continue;
    const model = reader.message();
    while (model.next()) if (model.field === 1) names.add(model.text());
  }
  return [...names];
}

/** The answer to `GET /models`. */
export class ModelsAnswer implements GrpcAnswer {
  readonly done = false;
  readonly #models: GrpcModels;
  #names: string[] = [];

  constructor(models: GrpcModels) {
    this.#models = models;
  }

  take(message: Buffer): string {
    this.#names = this.#models.read(message);
    return '';
  }

  end(): string {
    const data = this.#names.filter(Boolean).map((id) => ({ id, object: 'model' }));
    return JSON.stringify({ object: 'list', data });
  }
}
