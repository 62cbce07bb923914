import { readFileSync } from 'node:fs';
import { joined, silence } from '../../container/testing/audio.ts';
import { ticketFor } from '../../container/testing/local-service.ts';
import { readMonoWav } from '../../local/asr/mono-wav.ts';
import { createFakeWx } from '../../miniprogram/client/testing/fake-wx.ts';
import { FakeManager } from '../../miniprogram/voice/testing/fake-manager.ts';

/** As the recorder delivers them: 128 ms at 16 kHz. */
const FRAME_BYTES = 4096;
const LEAD_MS = 500;
/** Ends a sentence. */
const PAUSE_MS = 1_500;

/** A phone whose files, microphone and sockets the test has, and whose container is a real one. */
export class VoicePhone {
  readonly manager = new FakeManager();
  readonly fake: ReturnType<typeof createFakeWx>;
  readonly wx: object;
  /** Awaited before a ticket is answered; what it throws is how the function fails. */
  beforeTicket: () => Promise<void> = async () => {};

  /** @param urlOf the container's address, asked at each dial */
  constructor(urlOf: () => string) {
    this.fake = createFakeWx({ services: () => urlOf().replace('http', 'ws') });
    const done = ({ success }: { success: (result: object) => void }) => success({ files: [] });
    const files = { access: done, mkdir: done, writeFile: done, unlink: done, readdir: done };
    this.wx = {
      ...this.fake.wx,
      cloud: {
        ...this.fake.wx.cloud,
        init: () => {},
        callFunction: async ({ name }: { name: string }) => {
          if (name !== 'ticket') throw { errCode: -501000, errMsg: 'FUNCTION_NOT_FOUND' };
          await this.beforeTicket();
          const now = Date.now();
          return { result: { ticket: await ticketFor('oVoice'), expiresAt: now + 600_000, now } };
        },
      },
      getStorageSync: () => '',
      setStorageSync: () => {},
      env: { USER_DATA_PATH: 'wxfile://usr' },
      getFileSystemManager: () => files,
      getSetting: async () => ({ authSetting: { 'scope.record': true } }),
      setKeepScreenOn: () => {},
      getRecorderManager: () => this.manager.manager,
    };
  }

  /** Somebody says a sample of `samples/phrases/` into the open microphone. @returns its text */
  say(name: string): string {
    const { samples } = readMonoWav(readFileSync(`samples/phrases/${name}.wav`));
    const speech = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    const audio = joined(silence(LEAD_MS), speech, silence(PAUSE_MS));
    for (let at = 0; at < audio.length; at += FRAME_BYTES)
      this.manager.frame(Uint8Array.from(audio.slice(at, at + FRAME_BYTES)).buffer);
    return readFileSync(`samples/phrases/${name}.txt`, 'utf8').trim();
  }
}
