import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

/** Writes the audio that a stream sent, byte for byte, to `<folder>/<voice_id>.pcm`. */
export class StreamRecording {
  readonly #file: WriteStream;

  constructor(folder: string, voiceId: string) {
    mkdirSync(folder, { recursive: true });
    // the client chooses the voice_id: it must not lead out of the folder
    this.#file = createWriteStream(join(folder, `${encodeURIComponent(voiceId).replaceAll('.', '%2E')}.pcm`));
    // a write error, such as a full disk, must not end the stream
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
