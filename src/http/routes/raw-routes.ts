// Routes of operations that have no codec: where they are here, and where at a provider.
import type { DialectName } from '../../contracts/dialect-name.ts';
import type { Operation } from '../../contracts/operation.ts';
import type { ModelRoute } from '../../contracts/route.ts';
import { operations } from '../../registry/operations.ts';

const {
  passthrough,
  speech,
  tokenize,
  classify,
  classification,
  ocr,
  transcription,
  file,
  'file-content': fileContent,
  'image-form': imageForm,
  image,
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
} = operations;

/** Whoever has nothing left to spend may still end what runs. */
const CALL_OVER: Operation = { ...realtimeCall, billed: false };
/** One that goes on from another has an id of its own, which its answer says. */
const FORK: Operation = {
  ...realtimeCall,
  answer: 'json',
  raw: { verbatim: false, headers: 'dialect', objects: true },
};

/** A path without version; `{id}` is one segment. */
export interface RawLeaf {
  readonly path: string;
  readonly route: ModelRoute;
}

const ANY_METHOD = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

function leaf(
  operation: Operation,
  path: string,
  methods: readonly string[],
  dialect: DialectName = 'openai-chat',
): RawLeaf {
  // OpenAI's base URLs end in the version, those of Anthropic and Cohere do not.
  const forward = dialect === 'anthropic' || dialect === 'cohere' ? `/v1/${path}` : `/${path}`;
  const template = `/v1/${path}`;
  return {
    path,
    route: { kind: 'model', operation, dialect, template, methods, open: false, stream: null, forward },
  };
}

const files = (dialect: DialectName): readonly RawLeaf[] => [
  leaf(file, 'files', ['GET', 'POST'], dialect),
  leaf(file, 'files/{id}', ['GET', 'DELETE'], dialect),
  leaf(fileContent, 'files/{id}/content', ['GET'], dialect),
];
const OPENAI_FILES = files('openai-chat');
const ANTHROPIC_FILES = files('anthropic');

/** Beside the socket of the same path. */
export const LIVE_SESSION: ModelRoute = leaf(liveSession, 'live/sessions', ['POST']).route;
const LIVE_SOCKET = leaf(realtime, 'live/sessions', ['GET']);
/** It observes and steers a session that is paid for where its sound goes. */
const ATTACHED: Operation = { ...realtime, billed: false };
/** Likewise beside a socket: a session goes on from one that is over. */
export const LIVE_FORK: ModelRoute = leaf(FORK, 'live/sessions/{id}/fork', ['POST']).route;
const FORK_SOCKET = leaf(realtime, 'live/sessions/{id}/fork', ['GET']);

const EDITS = leaf(imageForm, 'images/edits', ['POST']);
/** The same with pictures by address or file in place of a form's: what xAI takes alone. */
const { forward: _, ...EDITS_AS_JSON }: ModelRoute = { ...EDITS.route, operation: image };

/** Beside the making of a film at the same path. */
export const VIDEO_LIST: ModelRoute = leaf(videoObject, 'videos', ['GET']).route;
/** The same with files in it. */
export const VIDEO_FORM: ModelRoute = leaf(videoForm, 'videos', ['POST']).route;
const VIDEOS = leaf(video, 'videos', ['POST']);

export const RAW_LEAVES: readonly RawLeaf[] = [
  { ...LIVE_SOCKET, route: { ...LIVE_SOCKET.route, otherwise: LIVE_SESSION } },
  leaf(realtimeCall, 'live/sessions/{id}/accept', ['POST']),
  leaf(ATTACHED, 'live/sessions/{id}/attach', ['GET']),
  { ...FORK_SOCKET, route: { ...FORK_SOCKET.route, otherwise: LIVE_FORK } },
  leaf(fileContent, 'live/sessions/{id}/content', ['GET']),
  ...['hangup', 'refer', 'reject'].map((verb) => leaf(CALL_OVER, `live/sessions/{id}/${verb}`, ['POST'])),
  leaf(provenance, 'content_provenance_checks', ['POST']),
  leaf(speech, 'audio/speech', ['POST']),
  leaf(transcription, 'audio/transcriptions', ['POST']),
  leaf(transcription, 'audio/translations', ['POST']),
  { ...EDITS, route: { ...EDITS.route, asJson: EDITS_AS_JSON } },
  leaf(imageForm, 'images/variations', ['POST']),
  ...OPENAI_FILES,
  leaf(batch, 'batches', ['GET', 'POST']),
  leaf(batch, 'batches/{id}', ['GET']),
  leaf(batch, 'batches/{id}/cancel', ['POST']),
  { ...VIDEOS, route: { ...VIDEOS.route, otherwise: VIDEO_LIST, asForm: VIDEO_FORM } },
  leaf(videoObject, 'videos/{id}', ['GET', 'DELETE']),
  leaf(videoContent, 'videos/{id}/content', ['GET']),
  leaf(videoObject, 'videos/{id}/remix', ['POST']),
  leaf(videoObject, 'videos/characters', ['POST']),
  leaf(videoObject, 'videos/characters/{id}', ['GET']),
  leaf(videoObject, 'videos/edits', ['POST']),
  leaf(videoObject, 'videos/extensions', ['POST']),
  leaf(realtime, 'realtime', ['GET']),
  leaf(realtimeSecret, 'realtime/client_secrets', ['POST']),
  leaf(realtimeSecret, 'realtime/translations/client_secrets', ['POST']),
  leaf(realtimeSecret, 'realtime/sessions', ['POST']),
  leaf(realtimeSecret, 'realtime/transcription_sessions', ['POST']),
  leaf(realtimeCall, 'realtime/calls', ['POST']),
  leaf(realtimeCall, 'realtime/translations/calls', ['POST']),
  leaf(realtimeCall, 'realtime/calls/{id}/accept', ['POST']),
  ...['hangup', 'refer', 'reject'].map((verb) => leaf(CALL_OVER, `realtime/calls/{id}/${verb}`, ['POST'])),
  leaf(tokenize, 'tokenize', ['POST'], 'cohere'),
  leaf(tokenize, 'detokenize', ['POST'], 'cohere'),
  leaf(classify, 'classify', ['POST'], 'cohere'),
  leaf(classification, 'classifications', ['POST']),
  leaf(classification, 'chat/classifications', ['POST']),
  leaf(classification, 'chat/moderations', ['POST']),
  leaf(ocr, 'ocr', ['POST']),
  leaf(messageBatch, 'messages/batches', ['GET', 'POST'], 'anthropic'),
  leaf(messageBatch, 'messages/batches/{id}', ['GET', 'DELETE'], 'anthropic'),
  leaf(messageBatch, 'messages/batches/{id}/cancel', ['POST'], 'anthropic'),
  leaf(batchResults, 'messages/batches/{id}/results', ['GET'], 'anthropic'),
];

/** Gemini Live, and music, as Google's SDKs ask AI Studio and Vertex for it, in any version of theirs. */
const BIDI: ModelRoute = {
  ...leaf(realtime, 'ws', ['GET'], 'gemini').route,
  template: '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent',
};
const MUSIC: ModelRoute = {
  ...BIDI,
  template: '/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateMusic',
};
export const BIDI_LEAVES: readonly RawLeaf[] = ['v1', 'v1alpha', 'v1beta', 'v1beta1'].flatMap((version) => [
  { path: `ws/google.ai.generativelanguage.${version}.GenerativeService.BidiGenerateMusic`, route: MUSIC },
  { path: `ws/google.ai.generativelanguage.${version}.GenerativeService.BidiGenerateContent`, route: BIDI },
  { path: `ws/google.cloud.aiplatform.${version}.LlmBidiService/BidiGenerateContent`, route: BIDI },
]);

/** Below the versions that only Google has. */
const beta = (operation: Operation, path: string, methods: readonly string[]): RawLeaf => {
  const { route } = leaf(operation, path, methods, 'gemini');
  return { path, route: { ...route, template: `/v1beta/${path}` } };
};
/** Below any version of Google's: nobody else has them. */
export const RAW_BETA_LEAVES: readonly RawLeaf[] = [
  beta(interaction, 'interactions', ['POST']),
  beta(interactionObject, 'interactions/{id}', ['GET', 'DELETE']),
  beta(interactionObject, 'interactions/{id}/cancel', ['POST']),
];

/** Where two vendors have one path, whose clients ask decides. */
export const ANTHROPIC_TWINS: readonly (readonly [ModelRoute, ModelRoute])[] = OPENAI_FILES.map(
  ({ route }, at) => [route, ANTHROPIC_FILES[at]!.route],
);

/** Answers of the gateway's own on it are in the dialect of its provider. */
export function passthroughIn(dialect: DialectName): ModelRoute {
  const template = '/passthrough/{provider}/*';
  return {
    kind: 'model',
    operation: passthrough,
    dialect,
    template,
    methods: ANY_METHOD,
    open: false,
    stream: null,
  };
}
