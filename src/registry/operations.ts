// The operations Headgate serves, as an explicit list: adding one is a record, its routes and codecs, and a line here.
import type { Operation, OperationName } from '../contracts/operation.ts';
import { chat } from '../operations/chat.ts';
import { completion } from '../operations/completion.ts';
import { decision } from '../operations/decision.ts';
import { embeddings } from '../operations/embeddings.ts';
import { image } from '../operations/image.ts';
import { moderation } from '../operations/moderation.ts';
import { rerank } from '../operations/rerank.ts';
import { passthrough } from '../operations/passthrough.ts';
import { speech } from '../operations/speech.ts';
import { transcription } from '../operations/transcription.ts';
import { imageForm } from '../operations/image-form.ts';
import { file } from '../operations/file.ts';
import { fileContent } from '../operations/file-content.ts';
import { tokenize } from '../operations/tokenize.ts';
import { storedChat } from '../operations/stored-chat.ts';
import { vectorStore } from '../operations/vector-store.ts';
import { container } from '../operations/container.ts';
import { upload } from '../operations/upload.ts';
import { modelObject } from '../operations/model-object.ts';
import { batch } from '../operations/batch.ts';
import { messageBatch } from '../operations/message-batch.ts';
import { batchResults } from '../operations/batch-results.ts';
import { video } from '../operations/video.ts';
import { videoContent } from '../operations/video-content.ts';
import { realtime } from '../operations/realtime.ts';
import { realtimeCall } from '../operations/realtime-call.ts';
import { realtimeSecret } from '../operations/realtime-secret.ts';
import { interaction } from '../operations/interaction.ts';
import { interactionObject } from '../operations/interaction-object.ts';
import { tokenCount } from '../operations/token-count.ts';

/** Every operation by its name. */
export const operations: Readonly<Record<OperationName, Operation>> = {
  chat,
  'token-count': tokenCount,
  embeddings,
  rerank,
  moderation,
  completion,
  image,
  decision,
  passthrough,
  speech,
  tokenize,
  transcription,
  'image-form': imageForm,
  file,
  'file-content': fileContent,
  'stored-chat': storedChat,
  'vector-store': vectorStore,
  container,
  upload,
  'model-object': modelObject,
  batch,
  'message-batch': messageBatch,
  'batch-results': batchResults,
  video,
  'video-content': videoContent,
  interaction,
  'interaction-object': interactionObject,
  realtime,
  'realtime-secret': realtimeSecret,
  'realtime-call': realtimeCall,
};
