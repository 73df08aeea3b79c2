// Amazon Bedrock Guardrails by ApplyGuardrail: with a Bedrock API key, or a key pair that signs (SigV4).
import { placeOf } from '../../aws/place.ts';
import { createSigner } from '../../aws/signer.ts';
import type { CreateRemoteCheck, RemoteVerdict } from '../../contracts/remote-check.ts';
import { arrayAt, stringAt } from '../../dialects/lenient.ts';
import { isObject } from '../../dialects/read.ts';
import type { RemoteDeps } from './remote-deps.ts';

/** `id:secret`: a key pair, not a key that is sent. */
const PAIR = /^((?:AKIA|ASIA)[A-Z0-9]{12,}):(.+)$/;

export function createBedrockGuardrail({ post, wall }: Pick<RemoteDeps, 'post' | 'wall'>): CreateRemoteCheck {
  const signer = createSigner();
  return ({ id, version, region, key, url, headers }) => {
    const base = (url ?? `https://bedrock-runtime.${region!}.amazonaws.com`).replace(/\/+$/, '');
    const path = `/guardrail/${encodeURIComponent(id!)}/version/${encodeURIComponent(version ?? 'DRAFT')}/apply`;
    const [, accessKeyId, secretAccessKey] = PAIR.exec(key!) ?? [];
    const place = placeOf(base, region!);
    const authorized = (body: string): Record<string, string> => {
      if (accessKeyId === undefined || secretAccessKey === undefined)
        return { ...headers, authorization: `Bearer ${key!}` };
      const plain = { ...headers, 'content-type': 'application/json' };
      return signer.sign(
        place,
        { accessKeyId, secretAccessKey },
        'POST',
        path,
        plain,
        Buffer.from(body),
        wall(),
      );
    };
    return async ({ side, texts, signal }): Promise<RemoteVerdict> => {
      const body = JSON.stringify({
        source: side === 'request' ? 'INPUT' : 'OUTPUT',
        content: texts.map((text) => ({ text: { text } })),
      });
      const answer = await post({
        url: base + path,
        headers: authorized(body),
        body,
        signal,
      });
      const action = stringAt(answer, 'action');
      if (action === 'NONE') return { kind: 'pass' };
      if (action !== 'GUARDRAIL_INTERVENED') throw new Error('it answered without a verdict');
      return intervention(answer, texts);
    };
  };
}

/** It masks where all it found is anonymised, and refuses otherwise: only its words differ. */
function intervention(answer: Parameters<typeof arrayAt>[0], texts: readonly string[]): RemoteVerdict {
  const outputs = arrayAt(answer, 'outputs').map((output) =>
    isObject(output) ? stringAt(output, 'text') : null,
  );
  const blocks = /"action"\s*:\s*"BLOCKED"/.test(JSON.stringify(answer['assessments'] ?? []));
  const masked = outputs.filter((text) => text !== null);
  if (blocks || masked.length !== texts.length) return { kind: 'block', reason: 'its policy' };
  return { kind: 'replace', texts: masked };
}
