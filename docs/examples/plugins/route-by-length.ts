// Long prompts go to a model with room for them, and the log says why.
//
//   plugins:
//     - name: route-by-length
//       path: route-by-length.ts
//       options: { chars: 200000, model: long-context }
import type { Plugin } from 'headgate/plugin';

export default {
  apiVersion: 1,
  create({ chars = 100_000, model }) {
    if (typeof model !== 'string') throw new Error('`options.model` is the model for long prompts');
    return {
      onRequest({ body, call }) {
        const length = JSON.stringify(body?.['messages'] ?? body?.['input'] ?? '').length;
        if (call.operation !== 'chat' || length < Number(chars)) return undefined;
        return { model, metadata: { 'routed-from': call.model } };
      },
    };
  },
} satisfies Plugin;
