// What tests start as `headgate`: the program that scripts/test built before them, as scripts/start does, which starts in half the
// time; a test file that is run by itself takes the sources.
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

export const PROGRAM = process.env['HEADGATE_TEST_PROGRAM'] ?? path.join(root, 'cluster/cli.ts');
