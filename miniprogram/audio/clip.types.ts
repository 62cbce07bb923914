/** What happens to a clip. Nothing is reported after `close`. */
export interface ClipHandlers {
  /** Some time after the clip's start is heard now; several times a second while it plays. */
  time(seconds: number): void;
  ended(): void;
  failed(errMsg: string): void;
}

/** A short piece of audio that is ready to be played. */
export interface Clip {
  play(): void;
  pause(): void;
  /** 1: as it was recorded. Also while it plays. */
  setSpeed(speed: number): void;
  /** Stops it and deletes its file. */
  close(): void;
}

/** @param pcm mono; rejects where it cannot be stored */
export type OpenClip = (pcm: Int16Array, rateHz: number, handlers: ClipHandlers) => Promise<Clip>;
