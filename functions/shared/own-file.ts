import { VoiceError } from '../../contract/errors.ts';
import { uploadFolder } from '../../contract/functions.ts';

const FILE_ID = /^cloud:\/\/([^/?#]+)\/(.+)$/;
/** One name in a path: not `.` or `..`, no backslash, no `%` escape, no `?` or `#`, no control character. */
const SAFE_NAME = /^(?!\.{1,2}$)[^\\%?#\p{C}]+$/u;

/**
 * Checks that a cloud file is the caller's own: in this environment, below the caller's upload folder.
 * @param envId the function's environment; empty where the platform does not tell
 * @returns its path from the root of the storage
 * @throws VoiceError FORBIDDEN
 */
export function checkOwnFile(fileID: string, openid: string, envId: string): string {
  const [, host = '', path = ''] = FILE_ID.exec(fileID) ?? [];
  const folder = uploadFolder(openid);
  const ownEnv = envId === '' || host === envId || host.startsWith(`${envId}.`);
  const safe = path.split('/').every((name) => SAFE_NAME.test(name));
  if (!openid || !ownEnv || !safe || !path.startsWith(folder)) {
    throw new VoiceError('FORBIDDEN', { detail: 'fileID' });
  }
  return path;
}

/** The environment that the function runs in; empty where the platform does not tell. */
export const environmentOf = (env: NodeJS.ProcessEnv): string => env.TCB_ENV ?? env.SCF_NAMESPACE ?? '';
