// Music that Google's models make as it is heard (`BidiGenerateMusic`): no message says what was used, so that it is billed by the second.
import { setup } from './bidi-setup.ts';
import type { SessionKind } from './session-kind.ts';

/** Google has it in no other version. */
const PATH = '/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateMusic';

export const music: SessionKind = {
  ...setup,
  counted: true,
  turns: false,
  pathAt: () => PATH,
  asks: () => false,
  tells: () => null,
  cancels: () => null,
};
