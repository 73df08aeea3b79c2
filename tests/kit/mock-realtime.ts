// A provider of spoken conversations for tests: OpenAI's Realtime protocol and its Live sessions, as far as a gateway sees them.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export interface MockRealtime {
  /** Base URL as a provider's configuration has it. */
  readonly url: string;
  /** Handshakes, oldest first. */
  readonly handshakes: { url: string; headers: IncomingMessage['headers'] }[];
  /** Messages of all clients, oldest first. */
  readonly said: unknown[];
  readonly open: number;
  /** Refuses handshakes with this status from now on; 0 = none. */
  refuse(status: number): void;
  close(): Promise<void>;
}

export const TURN_USAGE = {
  total_tokens: 110,
  input_tokens: 70,
  output_tokens: 40,
  input_token_details: { text_tokens: 20, audio_tokens: 50, cached_tokens: 30 },
  output_token_details: { text_tokens: 10, audio_tokens: 30 },
};

export async function startMockRealtime(): Promise<MockRealtime> {
  const handshakes: MockRealtime['handshakes'] = [];
  const said: unknown[] = [];
  let refusal = 0;
  let turns = 0;
  let sessions = 0;
  const http = createServer((request, response) => {
    request.resume();
    // A call whose sound goes another way.
    if (request.url === '/v1/realtime/calls')
      response
        .writeHead(201, { location: '/v1/realtime/calls/rtc_1', 'content-type': 'application/sdp' })
        .end('v=0');
    else response.writeHead(404).end();
  });
  const server = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    handshakes.push({ url: request.url ?? '', headers: request.headers });
    if (refusal !== 0) {
      const body = JSON.stringify({
        error: { message: 'not now', type: 'server_error', code: null, param: null },
      });
      socket.end(
        `HTTP/1.1 ${refusal} No\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
      );
      return;
    }
    server.handleUpgrade(request, socket, head, (ws) => serve(ws, request.url ?? ''));
  });

  function serve(ws: WebSocket, url: string): void {
    const live = `live_${++sessions}`;
    // What goes on from another session has its model.
    const inherited = url.endsWith('/fork') ? { model: 'gpt-realtime' } : {};
    const tell = (event: object): void => ws.send(JSON.stringify(event));
    const answer = (): void => {
      const id = `resp_${++turns}`;
      tell({ type: 'response.created', response: { id, status: 'in_progress' } });
      for (let at = 0; at < 3; at++)
        tell({ type: 'response.output_audio.delta', response_id: id, delta: `AAAA${at}` });
      tell({ type: 'response.done', response: { id, status: 'completed', output: [], usage: TURN_USAGE } });
    };
    /** An answer in words (those of the request without `_`), in pieces of five characters; `sound`: the words are those beside sound. */
    const say = (text: string, sound: boolean): void => {
      const id = `resp_${++turns}`;
      const place = { response_id: id, item_id: `item_${id}`, content_index: 0 };
      const kind = sound ? 'response.output_audio_transcript' : 'response.output_text';
      tell({ type: 'response.created', response: { id, status: 'in_progress' } });
      for (let at = 0; at < text.length; at += 5) {
        if (sound) tell({ type: 'response.output_audio.delta', ...place, delta: 'AAAA' });
        tell({ type: `${kind}.delta`, ...place, delta: text.slice(at, at + 5) });
      }
      tell({ type: `${kind}.done`, ...place, [sound ? 'transcript' : 'text']: text });
      const content = [{ type: 'output_text', text }];
      const output = [{ id: place.item_id, type: 'message', role: 'assistant', content }];
      tell({ type: 'response.done', response: { id, status: 'completed', output, usage: TURN_USAGE } });
    };
    if (url.includes('BidiGenerate')) {
      serveBidi(ws, said);
      return;
    }
    if (!url.includes('/live/'))
      tell({
        type: 'session.created',
        session: {
          id: 'sess_1',
          model: new URL(url, 'ws://a').searchParams.get('model'),
          audio: { input: { transcription: { model: 'gpt-4o-transcribe' } } },
        },
      });
    ws.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) {
        ws.send(data);
        return;
      }
      const event = JSON.parse(data.toString()) as { type: string; [member: string]: unknown };
      said.push(event);
      if (event.type === 'response.create') answer();
      // As with voice detection: the provider answers by itself.
      if (event.type === 'input_audio_buffer.commit') answer();
      if (event.type === 'session.start')
        tell({
          type: 'session.started',
          session: { id: live, ...inherited, ...(event['session'] as object) },
        });
      if (event.type === 'session.close') {
        tell({ type: 'session.closed', session: { id: live, usage: { seconds: 7 } } });
        ws.close(1000);
      }
      if (event.type === 'test.said')
        tell({
          type: 'conversation.item.input_audio_transcription.completed',
          item_id: 'item_1',
          transcript: 'hello',
          usage: {
            type: 'tokens',
            input_tokens: 14,
            output_tokens: 5,
            total_tokens: 19,
            input_token_details: { text_tokens: 0, audio_tokens: 14 },
          },
        });
      if (event.type === 'test.say') say(String(event['text']).replaceAll('_', ''), event['sound'] === true);
      if (event.type === 'test.unknown') tell({ type: 'test.unknown.echo', of: event });
      if (event.type === 'test.break') ws.terminate();
      if (event.type === 'test.close') ws.close(4321, 'as asked');
    });
  }

  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`,
    handshakes,
    said,
    get open() {
      return server.clients.size;
    },
    refuse(status) {
      refusal = status;
    },
    close: () =>
      new Promise((resolve) => {
        for (const ws of server.clients) ws.terminate();
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}

/** Gemini Live: its JSON comes as bytes, and an answer's use with its end. */
function serveBidi(ws: WebSocket, said: unknown[]): void {
  const tell = (message: object): void => ws.send(Buffer.from(JSON.stringify(message)), { binary: true });
  ws.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Record<string, unknown>;
    said.push(message);
    if (message['setup'] !== undefined) {
      tell({ setupComplete: {} });
      const { sessionResumption } = message['setup'] as { sessionResumption?: { handle?: string } };
      const newHandle = `${sessionResumption?.handle ?? 'handle'}+`;
      if (sessionResumption !== undefined) tell({ sessionResumptionUpdate: { newHandle, resumable: true } });
    }
    if (message['playbackControl'] === 'PLAY')
      tell({ serverContent: { audioChunks: [{ data: 'AAAA', mimeType: 'audio/l16;rate=48000' }] } });
    if ('weightedPrompts' in ((message['clientContent'] ?? {}) as object)) return;
    if ((message['clientContent'] ?? message['client_content']) === undefined) return;
    const echo = JSON.stringify(message).includes('nightin') ? 'the nightingale' : 'Hello';
    tell({ serverContent: { modelTurn: { role: 'model', parts: [{ text: echo }] } } });
    tell({ serverContent: { generationComplete: true } });
    tell({
      serverContent: { turnComplete: true },
      usageMetadata: {
        promptTokenCount: 70,
        responseTokenCount: 40,
        totalTokenCount: 110,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: 20 },
          { modality: 'AUDIO', tokenCount: 50 },
        ],
        responseTokensDetails: [{ modality: 'AUDIO', tokenCount: 30 }],
      },
    });
  });
}
