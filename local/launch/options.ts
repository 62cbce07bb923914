/** How to start a local cloud. */
export interface LocalCloudOptions {
  /** Of the page; 0: any free one. Default 0. */
  port?: number;
  /** Where data, secrets, logs and builds go; one local cloud at a time uses it. Default `.local`. */
  dataDir?: string;
  /** Container instances; the page's host chooses one of those that are ready for each connection. Default 1. */
  containers?: number;
  /** Folder of a sherpa-onnx model for the local speech service, instead of its phrase bank. */
  asrModel?: string | undefined;
  /** Folder to which the local speech service writes the audio that it receives, for tests. */
  asrRecordDir?: string | undefined;
  /** The mini-program in the browser. Default true; without it `url` is the container's. */
  page?: boolean;
  /** Folder of the mini-program in the browser. Default: this project's own. */
  app?: string | undefined;
  /** Where account, endpoints and tuning are read from. Default: this process's environment. */
  env?: NodeJS.ProcessEnv;
  /** More environment for the containers; it wins. */
  containerEnv?: Record<string, string>;
  /** A container that crashes is started again. Default false: then everything stops, as when the recogniser crashes. */
  restartContainers?: boolean;
  /** Build again when a source changes, and restart the containers one after the other. Default false. */
  watch?: boolean;
  /**
   * Node's inspector listens on this port for the first container, on the following ones for the others. Functions then
   * have no time limit, because a debugger may have paused them.
   */
  inspectPort?: number | undefined;
  /** `/metrics` of the first container is served on this port, of the others on the following ones. Default: not at all. */
  metricsPort?: number | undefined;
  /** Aborts the start, or stops what was started. */
  signal?: AbortSignal;
  /** What is being done, for people. */
  onProgress?: (line: string) => void;
}

/** Who may use the local cloud: names for tools and tests, openids as WeChat would report them. */
export const LOCAL_USERS: Readonly<Record<string, string>> = { A: 'oLocalUserA', B: 'oLocalUserB' };
export const LOCAL_ENV_ID = 'local-env';
