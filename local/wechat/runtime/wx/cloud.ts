import { type CallbackOptions, promiseOrCallbacks, type WxContext, WxError } from './call.ts';
import { addTempFile, readFile } from './file-store.ts';
import { createSocketTask } from './socket.ts';

/** WeChat's cloud error code for a request that got no answer. */
const REQUEST_FAILED = -1;

/** WeChat's cloud error code for a container service that is not deployed. */
const SERVICE_NOT_FOUND = -606001;

interface CloudError {
  errCode: number;
  errMsg: string;
}

/** Cloud APIs reject with an Error that also has `errCode` and `errMsg`. */
const cloudError = (name: string, { errCode, errMsg }: CloudError): Error =>
  Object.assign(new Error(errMsg), {
    errCode,
    errMsg: errMsg.startsWith(`${name}:fail`) ? errMsg : `${name}:fail ${errMsg}`,
  });

const userQuery = (openid: string): string => `user=${encodeURIComponent(openid)}`;

/** Runs a cloud API; what it throws becomes an Error with `errCode`. */
const runApi = <T extends object>(
  name: string,
  options: CallbackOptions,
  run: () => Promise<T>,
): Promise<T & { errMsg: string }> | undefined => {
  const promise = run().then(
    (result) => ({ errMsg: `${name}:ok`, ...result }),
    (error: unknown) => {
      const known = error as Partial<CloudError> & Error;
      throw known.errCode === undefined
        ? cloudError(name, { errCode: REQUEST_FAILED, errMsg: known.message })
        : known;
    },
  );
  return promiseOrCallbacks(promise, options);
};

type ProgressListener = (event: { progress: number } & Record<string, number>) => void;

interface Transfer {
  /** What `uploadFile` and `downloadFile` return while they run. */
  task: Pick<WechatMiniprogram.UploadTask, 'abort'> & {
    onProgressUpdate(listener: ProgressListener): void;
    offProgressUpdate(listener?: ProgressListener): void;
  };
  /** POSTs a body. @returns the status and the answer; rejects with WeChat's message */
  send(url: string, body?: Uint8Array<ArrayBuffer>): Promise<{ status: number; answer: unknown }>;
}

/** Over XMLHttpRequest, since `fetch` reports no progress. @param way whose progress is reported */
const createTransfer = (way: 'upload' | 'download'): Transfer => {
  const request = new XMLHttpRequest();
  const listeners = new Set<ProgressListener>();
  let aborted = false;
  const [done, whole] =
    way === 'upload'
      ? (['totalBytesSent', 'totalBytesExpectedToSend'] as const)
      : (['totalBytesWritten', 'totalBytesExpectedToWrite'] as const);
  const observed = way === 'upload' ? request.upload : request;
  observed.addEventListener('progress', (event) => {
    const { loaded, total } = event as ProgressEvent;
    const progress = total === 0 ? 100 : Math.floor((100 * loaded) / total);
    for (const listener of listeners) listener({ progress, [done]: loaded, [whole]: total });
  });
  return {
    task: {
      abort: () => {
        aborted = true;
        request.abort();
      },
      onProgressUpdate: (listener) => void listeners.add(listener),
      offProgressUpdate: (listener) =>
        listener === undefined ? listeners.clear() : void listeners.delete(listener),
    },
    send: (url, body) =>
      new Promise((resolve, reject) => {
        if (aborted) throw new Error('abort');
        request.open('POST', url);
        request.responseType = way === 'upload' ? 'json' : 'arraybuffer';
        request.addEventListener('load', () =>
          resolve({ status: request.status, answer: request.response ?? {} }),
        );
        request.addEventListener('error', () => reject(new Error('net::ERR_FAILED')));
        request.addEventListener('abort', () => reject(new Error('abort')));
        request.send(body ?? null);
      }),
  };
};

const callFunction = async (openid: string, name: string, data: unknown) => {
  const response = await fetch(`/_host/call/${encodeURIComponent(name)}?${userQuery(openid)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(data ?? {}),
  });
  const answer = (await response.json()) as { result?: unknown; error?: CloudError; requestId?: string };
  if (answer.error !== undefined) throw cloudError('cloud.callFunction', answer.error);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return { result: answer.result, requestID: answer.requestId ?? crypto.randomUUID() };
};

const uploadFile = async (openid: string, upload: Transfer, cloudPath: string, filePath: string) => {
  const url = `/_host/upload?${userQuery(openid)}&path=${encodeURIComponent(cloudPath)}`;
  const { status, answer } = await upload.send(url, readFile(filePath));
  const { fileID, error } = answer as { fileID?: string; error?: CloudError };
  if (error !== undefined) throw cloudError('cloud.uploadFile', error);
  if (fileID === undefined) throw new Error(`HTTP ${status}`);
  return { fileID, statusCode: status };
};

const downloadFile = async (openid: string, download: Transfer, fileID: string) => {
  const url = `/_host/download?${userQuery(openid)}&fileID=${encodeURIComponent(fileID)}`;
  const { status, answer } = await download.send(url);
  if (status !== 200) throw new Error(`HTTP ${status}`);
  return { tempFilePath: addTempFile(new Uint8Array(answer as ArrayBuffer), ''), statusCode: status };
};

interface ContainerOptions {
  config?: { env?: string };
  service: string;
  path?: string;
  header?: Record<string, string>;
  protocols?: string[];
}

const connectContainer = ({ device }: WxContext, options: ContainerOptions) => {
  const { user, service } = device.config;
  if (typeof options.service !== 'string' || options.service === '')
    throw new Error('parameter.service should be String');
  if (!device.online) throw new WxError('未完成的操作');
  if (options.service !== service)
    throw cloudError('cloud.connectContainer', {
      errCode: SERVICE_NOT_FOUND,
      errMsg: `未完成的操作 (service ${options.service} not found)`,
    });
  const header = encodeURIComponent(JSON.stringify(options.header ?? {}));
  const path = encodeURIComponent(options.path ?? '/');
  const origin = location.origin.replace(/^http/, 'ws');
  const url = `${origin}/_host/socket?${userQuery(user.openid)}&path=${path}&header=${header}`;
  return { socketTask: createSocketTask(device, url, options.protocols) };
};

/**
 * `wx.cloud`: calls go to the host server, which passes them to the local cloud with the caller's openid, as WeChat does.
 * Each method returns a promise unless it is given a callback.
 */
export const cloudApi = (context: WxContext) => {
  const { device } = context;
  const { openid } = device.config.user;
  let ready = false;
  const requireReady = (): void => {
    if (!ready) throw new Error("Cloud API isn't enabled, please call wx.cloud.init first");
  };
  /** Calls fail at once while the network is off, as on the phone. */
  const requireNetwork = (): void => {
    requireReady();
    if (!device.online) throw new Error('net::ERR_INTERNET_DISCONNECTED');
  };
  const cloud = {
    init: (): void => {
      ready = true;
    },
    callFunction: (options: CallbackOptions & { name: string; data?: unknown }) =>
      runApi('cloud.callFunction', options, async () => {
        requireNetwork();
        return callFunction(openid, options.name, options.data);
      }),
    /** With a callback it returns an upload task. */
    uploadFile: (options: CallbackOptions & { cloudPath: string; filePath: string }) => {
      const upload = createTransfer('upload');
      const promise = runApi('cloud.uploadFile', options, async () => {
        requireNetwork();
        return uploadFile(openid, upload, options.cloudPath, options.filePath);
      });
      return promise ?? upload.task;
    },
    /** With a callback it returns a download task. */
    downloadFile: (options: CallbackOptions & { fileID: string }) => {
      const download = createTransfer('download');
      const promise = runApi('cloud.downloadFile', options, async () => {
        requireNetwork();
        return downloadFile(openid, download, options.fileID);
      });
      return promise ?? download.task;
    },
    connectContainer: (options: CallbackOptions & ContainerOptions) =>
      runApi('cloud.connectContainer', options, async () => {
        requireReady();
        return connectContainer(context, options);
      }),
  };
  return { cloud: cloud as unknown as WechatMiniprogram.Wx['cloud'] };
};
