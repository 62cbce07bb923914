type ProgressListener = WechatMiniprogram.UploadTaskOnProgressUpdateCallback;

/** What `uploadFile` hands out while it works, and the sending itself. */
export interface Sending {
  task: Pick<WechatMiniprogram.UploadTask, 'abort' | 'onProgressUpdate' | 'offProgressUpdate'>;
  /** POSTs a body. @returns the status and the answer's JSON; rejects with WeChat's words */
  send(url: string, body: Uint8Array<ArrayBuffer>): Promise<{ status: number; answer: unknown }>;
}

/** XMLHttpRequest, since `fetch` tells nothing of what is sent. */
export const createSending = (): Sending => {
  const request = new XMLHttpRequest();
  const heard = new Set<ProgressListener>();
  let aborted = false;
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    const progress = total === 0 ? 100 : Math.floor((100 * loaded) / total);
    const event = { progress, totalBytesSent: loaded, totalBytesExpectedToSend: total };
    for (const listener of heard) listener(event);
  });
  return {
    task: {
      abort: () => {
        aborted = true;
        request.abort();
      },
      onProgressUpdate: (listener) => void heard.add(listener),
      offProgressUpdate: (listener) => (listener === undefined ? heard.clear() : void heard.delete(listener)),
    },
    send: (url, body) =>
      new Promise((resolve, reject) => {
        if (aborted) throw new Error('abort');
        request.open('POST', url);
        request.responseType = 'json';
        request.addEventListener('load', () =>
          resolve({ status: request.status, answer: request.response ?? {} }),
        );
        request.addEventListener('error', () => reject(new Error('net::ERR_FAILED')));
        request.addEventListener('abort', () => reject(new Error('abort')));
        request.send(body);
      }),
  };
};
