/** Takes the audio of one recording while it is recorded. It never throws and never waits for the phone. */
export interface AudioSink {
  /**
   * Takes the next audio.
   * @param pos position of the first sample in the session's audio, in samples
   * @param pcm 16-bit little-endian mono
   */
  append(pos: number, pcm: ArrayBuffer): void;
  /** Writes what is held. */
  flush(): Promise<void>;
  /** The recording has ended; writes what is held. */
  end(): Promise<void>;
}

/** Keeps the audio of recordings on this phone beyond their delivery, so that they can be heard again. */
export interface AudioKeeper {
  /** Null where the user does not want recordings kept. */
  open(sessionId: string, rateHz: number): AudioSink | null;
  /** Deletes the audio of a recording, also one that is being kept. Never rejects. */
  remove(sessionId: string): Promise<void>;
  /** Audio that is not delivered could not be saved: makes room for it, if need be at the cost of what is archived. */
  makeRoom(): Promise<void>;
}
