import { VoiceError } from '../../contract/errors.ts';

/** What a failed request looks like: `errCode`/`errMsg` from wx-server-sdk, `code`/`message` from the layer below. */
interface SdkError {
  errCode?: unknown;
  errMsg?: unknown;
  code?: unknown;
  message?: unknown;
}
const fieldsOf = (error: unknown): SdkError =>
  typeof error === 'object' && error !== null ? error : { message: String(error) };
const textOf = (error: unknown): string => {
  const { code, message, errMsg } = fieldsOf(error);
  return [code, message, errMsg].filter((part) => typeof part === 'string').join(' ');
};

/** A unique key that exists already: documented as a code, reported from the field as MongoDB's own text. */
export const isDuplicate = (error: unknown): boolean =>
  /E11000 duplicate key|DATABASE_DUPLICATE_WRITE/.test(textOf(error));

/**
 * Faults of the request itself, which stay the same however often it is repeated
 * (wx-server-sdk: invalid parameter, invalid operator, permission, collection limit, collection missing).
 */
const PERMANENT_CODES: ReadonlySet<unknown> = new Set([-501007, -502002, -502003, -502004, -502005]);
const PERMANENT_TEXT = /INVALID_PARAM|PERMISSION_DENIED|COLLECTION_NOT_EXIST|INVALID_ENV|SIGN_PARAM_INVALID/;

export const isPermanent = (error: unknown): boolean =>
  PERMANENT_CODES.has(fieldsOf(error).errCode) || PERMANENT_TEXT.test(textOf(error));

/** Whether the database refused a write because of a simultaneous one (wx-server-sdk drops the code, not the text). */
export const isConflict = (error: unknown): boolean =>
  isDuplicate(error) || /TRANSACTION_?CONFLICT|WriteConflict|write conflict/i.test(textOf(error));

/** Any error of the SDK as ours: a fault in our request is INTERNAL, everything else may pass. */
export function storeError(error: unknown): VoiceError {
  if (error instanceof VoiceError) return error;
  return new VoiceError(isPermanent(error) ? 'INTERNAL' : 'STORE_UNAVAILABLE', { cause: error });
}
