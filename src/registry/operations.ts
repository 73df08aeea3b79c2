// The operations Headgate serves, as an explicit list: adding one is a record, its routes and codecs, and a line here.
import type { Operation, OperationName } from '../contracts/operation.ts';
import { batch } from '../operations/batch.ts';
import { batchResults } from '../operations/batch-results.ts';
import { chat } from '../operations/chat.ts';
import { classification } from '../operations/classification.ts';
import { classify } from '../operations/classify.ts';
import { completion } from '../operations/completion.ts';
import { container } from '../operations/container.ts';
import { decision } from '../operations/decision.ts';
import { embeddings } from '../operations/embeddings.ts';
import { evaluation } from '../operations/eval.ts';
import { file } from '../operations/file.ts';
import { fileContent } from '../operations/file-content.ts';
import { fim } from '../operations/fim.ts';
import { fineTuning } from '../operations/fine-tuning.ts';
import { image } from '../operations/image.ts';
import { imageForm } from '../operations/image-form.ts';
import { interaction } from '../operations/interaction.ts';
import { interactionObject } from '../operations/interaction-object.ts';
import { liveSession } from '../operations/live-session.ts';
import { messageBatch } from '../operations/message-batch.ts';
import { modelObject } from '../operations/model-object.ts';
import { moderation } from '../operations/moderation.ts';
import { ocr } from '../operations/ocr.ts';
import { passthrough } from '../operations/passthrough.ts';
import { provenance } from '../operations/provenance.ts';
import { realtime } from '../operations/realtime.ts';
import { realtimeCall } from '../operations/realtime-call.ts';
import { realtimeSecret } from '../operations/realtime-secret.ts';
import { rerank } from '../operations/rerank.ts';
import { skill } from '../operations/skill.ts';
import { speech } from '../operations/speech.ts';
import { storedChat } from '../operations/stored-chat.ts';
import { tokenCount } from '../operations/token-count.ts';
import { tokenize } from '../operations/tokenize.ts';
import { transcription } from '../operations/transcription.ts';
import { upload } from '../operations/upload.ts';
import { vectorStore } from '../operations/vector-store.ts';
import { video } from '../operations/video.ts';
import { videoContent } from '../operations/video-content.ts';
import { videoForm } from '../operations/video-form.ts';
import { videoObject } from '../operations/video-object.ts';
import { voice } from '../operations/voice.ts';

/** Every operation by its name. */
export const operations: Readonly<Record<OperationName, Operation>> = {
  chat,
  'token-count': tokenCount,
  embeddings,
  rerank,
  moderation,
  completion,
  fim,
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
  classify,
  classification,
  ocr,
  'fine-tuning': fineTuning,
  eval: evaluation,
  skill,
  voice,
  'model-object': modelObject,
  batch,
  'message-batch': messageBatch,
  'batch-results': batchResults,
  video,
  'video-form': videoForm,
  'video-object': videoObject,
  'video-content': videoContent,
  interaction,
  'interaction-object': interactionObject,
  realtime,
  'realtime-secret': realtimeSecret,
  'realtime-call': realtimeCall,
  'live-session': liveSession,
  provenance,
};
