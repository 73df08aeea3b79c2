// While a model is being looked after: questions get a friendly answer at once, tools' calls are refused, and whoever waits may
// call all the same with a header.
//
//   plugins:
//     - name: maintenance
//       path: maintenance.ts
//       headers: [x-anyway]
//       options: { text: We are back at noon. }
//       when: { models: [assistant] }
import type { Plugin } from 'headgate/plugin';

export default {
  apiVersion: 1,
  create({ text = 'This model is being looked after. Please come back later.' }, { log }) {
    let answered = 0;
    return {
      onRequest({ headers, body, call }) {
        if (headers['x-anyway'] === 'yes') return { headers: { 'x-maintenance': 'anyway' } };
        if (body?.['tools'] !== undefined) return { refuse: { status: 429, message: String(text) } };
        return call.operation === 'chat' ? { answer: { text: String(text) } } : undefined;
      },
      onSettle({ provider }) {
        if (provider === 'plugin') answered++;
      },
      close() {
        log(`${answered} calls were answered here`);
      },
    };
  },
} satisfies Plugin;
