import type * as v from 'valibot';
import { type PrepareAnswer, type RECOGNIZE_ACTIONS, uploadFolder } from '../../contract/functions.ts';
import { ownedBy } from '../shared/caller.ts';
import type { Call } from '../shared/define.ts';

type Request = v.InferOutput<typeof RECOGNIZE_ACTIONS.prepare>;

/**
 * The path for an upload: in the caller's own folder, the same for every attempt at one request, so that an attempt
 * overwrites what a failed one has left. Nothing is stored.
 * @throws VoiceError UNAUTHENTICATED
 */
export async function prepare({ sessionId, format }: Request, { caller }: Call): Promise<PrepareAnswer> {
  const extension = format === 'ogg-opus' ? 'ogg' : format;
  return { cloudPath: `${uploadFolder(ownedBy(caller)._openid)}${sessionId}.${extension}` };
}
