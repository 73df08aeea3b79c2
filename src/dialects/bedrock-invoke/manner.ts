import type { Manner } from '../../contracts/manner.ts';
import { manner as converse } from '../bedrock/manner.ts';

/** Bedrock's invoke routes, where Claude speaks Messages. */
export const manner: Manner = { ...converse, dialect: 'bedrock-invoke', tokensInHead: true };
