import type { WxContext } from './call.ts';
import { WxError } from './call.ts';
import { readFile } from './file-store.ts';
import { requireNetwork } from './network.ts';
import { createSocketTask } from './socket.ts';
import { createSending } from './upload.ts';

interface Callbacks {
  success?: (result: never) => void;
  fail?: (error: never) => void;
  complete?: (result: never) => void;
}

/** WeChat's cloud code for a call that did not get through. */
const REQUEST_FAILED = -1;

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

const deliver = <T extends object>(
  name: string,
  options: Callbacks,
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
  const { success, fail, complete } = options;
  if (!success && !fail && !complete) return promise;
  promise.then(
    (result) => {
      success?.(result as never);
      complete?.(result as never);
    },
    (error: unknown) => {
      fail?.(error as never);
      complete?.(error as never);
    },
  );
  return undefined;
};

/** The host server hands these to the local cloud, adding who calls as WeChat does. */
const userQuery = (openid: string): string => `user=${encodeURIComponent(openid)}`;

export const cloudApi = ({ device }: WxContext) => {
  const { user, service } = device.config;
  let ready = false;
  const requireInit = (): void => {
    if (!ready) throw new Error("Cloud API isn't enabled, please call wx.cloud.init first");
  };

  const cloud = {
    init: (): void => {
      ready = true;
    },
    callFunction: (options: Callbacks & { name: string; data?: unknown }) =>
      deliver('cloud.callFunction', options, async () => {
        requireInit();
        requireNetwork(device.online);
        const response = await fetch(
          `/_host/call/${encodeURIComponent(options.name)}?${userQuery(user.openid)}`,
          {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(options.data ?? {}),
          },
        );
        const answer = (await response.json()) as {
          result?: unknown;
          error?: CloudError;
          requestId?: string;
        };
        if (answer.error !== undefined) throw cloudError('cloud.callFunction', answer.error);
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        return { result: answer.result, requestID: answer.requestId ?? crypto.randomUUID() };
      }),
    /** With a callback it returns an upload task, without one a promise. */
    uploadFile: (options: Callbacks & { cloudPath: string; filePath: string }) => {
      const { task, send } = createSending();
      const promise = deliver('cloud.uploadFile', options, async () => {
        requireInit();
        requireNetwork(device.online);
        const path = encodeURIComponent(options.cloudPath);
        const { status, answer } = await send(
          `/_host/upload?${userQuery(user.openid)}&path=${path}`,
          readFile(options.filePath),
        );
        const { fileID, error } = answer as { fileID?: string; error?: CloudError };
        if (error !== undefined) throw cloudError('cloud.uploadFile', error);
        if (fileID === undefined) throw new Error(`HTTP ${status}`);
        return { fileID, statusCode: status };
      });
      return promise ?? task;
    },
    connectContainer: (options: Callbacks & ContainerOptions) =>
      deliver('cloud.connectContainer', options, async () => {
        requireInit();
        if (typeof options.service !== 'string' || options.service === '')
          throw new Error('parameter.service should be String');
        if (!device.online) throw new WxError('未完成的操作');
        if (options.service !== service)
          throw cloudError('cloud.connectContainer', {
            errCode: -606001,
            errMsg: `未完成的操作 (service ${options.service} not found)`,
          });
        const header = encodeURIComponent(JSON.stringify(options.header ?? {}));
        const path = encodeURIComponent(options.path ?? '/');
        const origin = location.origin.replace(/^http/, 'ws');
        const url = `${origin}/_host/socket?${userQuery(user.openid)}&path=${path}&header=${header}`;
        return { socketTask: createSocketTask(device, url, options.protocols) };
      }),
  };
  return { cloud: cloud as unknown as WechatMiniprogram.Wx['cloud'] };
};

interface ContainerOptions {
  config?: { env?: string };
  service: string;
  path?: string;
  header?: Record<string, string>;
  protocols?: string[];
}
