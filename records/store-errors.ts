import { VoiceError } from '../contract/errors.ts';

/** A failed database request: `code`/`message` from node-sdk, `errCode`/`errMsg` from wx-server-sdk. */
interface SdkError {
  errCode?: unknown;
  errMsg?: unknown;
  code?: unknown;
  message?: unknown;
}
const fieldsOf = (error: unknown): SdkError =>
  typeof error === 'object' && error !== null ? error : { message: String(error) };
/** wx-server-sdk drops the database's code, but not its text. */
const textOf = (error: unknown): string => {
  const { code, message, errMsg } = fieldsOf(error);
  return [code, message, errMsg].filter((part) => typeof part === 'string').join(' ');
};

/**
 * Whether a document of that id or unique key exists already. Documented as DATABASE_DUPLICATE_WRITE, but reported by
 * users as DATABASE_REQUEST_FAILED with the database's own E11000 text.
 */
export const isDuplicate = (error: unknown): boolean =>
  /E11000 duplicate key|DATABASE_DUPLICATE_WRITE/.test(textOf(error));

/** Whether another transaction changed the same document. */
export const isConflict = (error: unknown): boolean =>
  /TRANSACTION_?CONFLICT|WriteConflict|write conflict/i.test(textOf(error));

/**
 * Errors of the request itself, which stay the same however often it is repeated
 * (wx-server-sdk: invalid parameter, invalid operator, permission, collection limit, collection missing).
 */
const PERMANENT_CODES: ReadonlySet<unknown> = new Set([-501007, -502002, -502003, -502004, -502005]);
const PERMANENT_TEXT = /INVALID_PARAM|PERMISSION_DENIED|COLLECTION_NOT_EXIST|INVALID_ENV|SIGN_PARAM_INVALID/;

export const isPermanent = (error: unknown): boolean =>
  PERMANENT_CODES.has(fieldsOf(error).errCode) || PERMANENT_TEXT.test(textOf(error));

/** An error of the SDK as a VoiceError: STORE_MISCONFIGURED where repeating cannot help, otherwise STORE_UNAVAILABLE. */
export function storeError(error: unknown): VoiceError {
  if (error instanceof VoiceError) return error;
  return new VoiceError(isPermanent(error) ? 'STORE_MISCONFIGURED' : 'STORE_UNAVAILABLE', { cause: error });
}
