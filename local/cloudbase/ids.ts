import { randomBytes } from 'node:crypto';

/** 32 hex digits, like the ids that the cloud gives to documents, requests and transactions. */
export const newId = (): string => randomBytes(16).toString('hex');
