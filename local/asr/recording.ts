import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

/** Keeps what a stream sent, byte for byte, in `<folder>/<voice_id>.pcm`. */
export class StreamRecording {
  readonly #file: WriteStream;

  constructor(folder: string, voiceId: string) {
    mkdirSync(folder, { recursive: true });
    // A voice_id comes from outside: it must not name another folder.
    this.#file = createWriteStream(join(folder, `${encodeURIComponent(voiceId).replaceAll('.', '%2E')}.pcm`));
    // A full disk must not end a stream.
    this.#file.on('error', (error) => console.error(`recording of ${voiceId} failed: ${error.message}`));
  }

  write(bytes: Uint8Array): void {
    this.#file.write(bytes);
  }

  end(): Promise<void> {
    return new Promise((resolve) => {
      this.#file.once('close', resolve);
      this.#file.end();
    });
  }
}
