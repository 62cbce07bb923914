import { RecorderError } from './recorder.types.ts';

const RECORD = 'scope.record';

interface Granted {
  authSetting: { 'scope.record'?: boolean };
}
/** The functions of `wx` for permissions. */
export interface PermissionApi {
  getSetting(): Promise<Granted>;
  authorize(option: { scope: 'scope.record' }): Promise<unknown>;
  openSetting(): Promise<Granted>;
}

const textOf = (error: unknown): string => {
  if (error instanceof Error) return error.message;
  return String((error as { errMsg?: unknown } | null)?.errMsg ?? error);
};

/**
 * Maps the `errMsg` of `wx.authorize` or of the recorder manager to a code.
 * `privacy` is matched first: its text also contains "fail" and "permission".
 */
export function recorderErrorOf(errMsg: string): RecorderError {
  const text = errMsg.toLowerCase();
  if (text.includes('privacy')) return new RecorderError('privacy', errMsg);
  if (
    /system permission|permission denied by system|notallowederror|wechat.*(no|not).*permission/.test(text)
  ) {
    return new RecorderError('denied-system', errMsg);
  }
  if (/auth den|auth deny|unauthorized|permission/.test(text)) {
    return new RecorderError('denied', errMsg);
  }
  if (/is recording or paused|is recording|occupied|in use|notreadableerror/.test(text)) {
    return new RecorderError('busy', errMsg);
  }
  return new RecorderError('failed', errMsg);
}

/**
 * Makes sure that the microphone may be used, by asking the user where needed. The dialog is shown only once: after a refusal
 * `wx.authorize` fails without a dialog, and only {@link openRecordSetting} helps.
 * @throws RecorderError `denied`, `denied-system`, `privacy` or `failed`
 */
export async function ensurePermission(api: PermissionApi): Promise<void> {
  let granted: boolean | undefined;
  try {
    granted = (await api.getSetting()).authSetting[RECORD];
  } catch (error) {
    throw recorderErrorOf(textOf(error));
  }
  if (granted === true) return;
  if (granted === false) throw new RecorderError('denied', `${RECORD} was refused before`);
  try {
    await api.authorize({ scope: RECORD });
  } catch (error) {
    throw recorderErrorOf(textOf(error));
  }
}

/** Opens the mini-program's permission page (WeChat allows it only in a tap). Resolves with whether the microphone is now allowed. */
export async function openRecordSetting(api: PermissionApi): Promise<boolean> {
  try {
    return (await api.openSetting()).authSetting[RECORD] === true;
  } catch {
    return false;
  }
}
