import { type AsrServer, type AsrServerOptions, startAsrServer } from '../server.ts';
import { ACCOUNT } from './asr-client.ts';
import { SAMPLES_DIR } from './sample-files.ts';

/** Starts a server with the phrase bank and the test account. */
export const startTestServer = (options: Partial<AsrServerOptions> = {}): Promise<AsrServer> =>
  startAsrServer({
    appId: ACCOUNT.appId,
    secrets: { [ACCOUNT.secretId]: ACCOUNT.secretKey },
    engine: 'phrases',
    samplesDir: SAMPLES_DIR,
    ...options,
  });
