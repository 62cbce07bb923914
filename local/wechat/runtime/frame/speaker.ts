/** Makes heard what is being recorded. */
export interface Speaker {
  /** Plays from this position on, until `pause`. */
  play(samples: Float32Array<ArrayBuffer>, rateHz: number, fromMs: number): void;
  pause(): void;
}

/** The browser's loudspeaker. Where there is none, the recording goes on without a sound. */
export class BrowserSpeaker implements Speaker {
  #context: AudioContext | undefined;
  #volume: GainNode | undefined;
  #node: AudioBufferSourceNode | undefined;
  #muted = false;

  get muted(): boolean {
    return this.#muted;
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    if (this.#volume !== undefined) this.#volume.gain.value = muted ? 0 : 1;
  }

  play(samples: Float32Array<ArrayBuffer>, rateHz: number, fromMs: number): void {
    this.pause();
    if (samples.length === 0 || fromMs * rateHz >= samples.length * 1000) return;
    try {
      this.#context ??= new AudioContext();
      const context = this.#context;
      this.#volume ??= new GainNode(context, { gain: this.#muted ? 0 : 1 });
      this.#volume.connect(context.destination);
      const buffer = context.createBuffer(1, samples.length, rateHz);
      buffer.copyToChannel(samples, 0);
      const node = new AudioBufferSourceNode(context, { buffer });
      node.connect(this.#volume);
      node.start(0, fromMs / 1000);
      this.#node = node;
      void context.resume();
    } catch (error) {
      console.warn('[host] 不能出声，录音照常', error);
    }
  }

  pause(): void {
    this.#node?.stop();
    this.#node?.disconnect();
    this.#node = undefined;
  }
}
