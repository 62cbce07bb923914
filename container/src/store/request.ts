import { isDuplicate, storeError } from '../../../records/store-errors.ts';

/**
 * One database request. The SDK rejects with some errors and resolves to `{ code }` for others: both are thrown.
 * @throws VoiceError STORE_UNAVAILABLE, STORE_MISCONFIGURED; the SDK's own error where the document exists already
 */
export async function request<T>(send: () => Promise<T>): Promise<T> {
  try {
    const answer = await send();
    if ((answer as { code?: unknown }).code) throw answer;
    return answer;
  } catch (error) {
    throw isDuplicate(error) ? error : storeError(error);
  }
}
