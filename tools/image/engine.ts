import type { ChildProcess } from 'node:child_process';

/** A container that was started from the image. */
export interface RunningContainer {
  /** Stays in the foreground: a signal to it reaches the service, and it ends with the service's exit code. */
  process: ChildProcess;
  /** The service's process as this machine numbers it. */
  pid(): Promise<number>;
  /** Runs a command beside the service, under the same restrictions. */
  exec(command: string[]): Promise<{ code: number; output: string }>;
  /** Ends it at once, unless it has ended. */
  kill(): Promise<void>;
}

/**
 * What builds the image and runs it. A container has what a strict cluster leaves it: no capability, no way to gain any, a root
 * file system that cannot be written. It shares this machine's network, so that it finds the local cloud on loopback.
 */
export interface ImageEngine {
  name: string;
  /** Why it cannot be used on this machine; undefined: it can. @param mayFetch the base image may be fetched or made */
  unusable(mayFetch: boolean): Promise<string | undefined>;
  /**
   * Fetches or makes the base image, unless it is there, and runs it once.
   * @throws Error with what was said where that cannot be done on this machine
   */
  prepare(): Promise<void>;
  /** Builds the image from a folder with a Dockerfile. */
  build(folder: string): Promise<void>;
  /** How many layers the base image has. */
  baseLayers(): Promise<number>;
  /** Writes the image with all its layers, as `docker save` does. */
  save(file: string): Promise<void>;
  run(env: Record<string, string>): Promise<RunningContainer>;
  /** Removes the image and what was started from it; the base image stays. */
  dispose(): Promise<void>;
}

/** The built image's name while it is tested. */
export const IMAGE = 'localhost/realtime-voice-test';

/** Of the one Dockerfile. */
export const BASE_IMAGE = 'node:24-bookworm-slim';
