import { CloudBaseSocketIOClient } from '../client/cloudbase-socketio-client.ts';
import { createServices } from './app-services.ts';
import type { CloudApi } from './cloud.ts';
import { type PendingOutcome, resumePending } from './pending.ts';
import { StreamingSession } from './streaming-session.ts';
import type { VoiceSession } from './voice-session.types.ts';

/** Which cloud another mini-program uses. */
export interface VoiceServiceOptions {
  /** CloudBase environment; default: the one that the WeChat cloud console marks as default. */
  env?: string;
  /** Name of the container service. Default `realtime-voice`. */
  service?: string;
}

export interface VoiceService extends Pick<CloudApi, 'history' | 'stats'> {
  /** A recording, ready to start; one object per recording. */
  createSession(): VoiceSession;
  /** Delivers recordings that an earlier run of the app has saved; for `App.onLaunch`. */
  resumePending(): Promise<PendingOutcome[]>;
}

/**
 * The recording session for other mini-programs: `npm run build` makes one file of it, `voice-session.js`, which the example page uses.
 * @example
 * const { createVoiceService } = require('../../utils/voice-session');
 * const voice = createVoiceService({ service: 'realtime-voice' });
 * const session = voice.createSession();
 * session.on('lines', (lines) => page.setData({ lines }));
 * await session.start();
 * recorder.onFrameRecorded(({ frameBuffer }) => session.push(frameBuffer));
 * const { sentences } = await session.stop();
 */
export function createVoiceService({
  env = '',
  service = 'realtime-voice',
}: VoiceServiceOptions = {}): VoiceService {
  const { connectContainer: dial } = CloudBaseSocketIOClient;
  const { cloud, deps } = createServices(() => ({ env, service, dial }));
  return {
    createSession: () => new StreamingSession(deps),
    resumePending: () => resumePending(deps),
    history: cloud.history,
    stats: cloud.stats,
  };
}
