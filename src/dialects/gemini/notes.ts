// What Gemini's decoders note, and how the request is spelled that they read.
import type { Notes as CommonNotes } from '../notes.ts';
import type { Spelling } from './spelling.ts';

export interface Notes extends CommonNotes {
  readonly spelling: Spelling;
}
