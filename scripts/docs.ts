// Renders docs/ into docs/dist, which the gatehouse serves below /docs: `node scripts/docs.ts`.
import path from 'node:path';
import { buildSite } from './docs/site.ts';

const docs = path.resolve(import.meta.dirname, '../docs');
const count = buildSite(docs, path.join(docs, 'dist'));
process.stderr.write(`headgate: ${count} pages in docs/dist\n`);
