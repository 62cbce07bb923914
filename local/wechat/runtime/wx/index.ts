import type { WxContext } from './call.ts';
import { cloudApi } from './cloud.ts';
import { filesApi } from './files.ts';
import { interfaceApi } from './interface.ts';
import { navigationApi, pageApi } from './navigation.ts';
import { networkApi } from './network.ts';
import { permissionsApi } from './permissions.ts';
import { queryApi } from './query.ts';
import { recorderApi } from './recorder.ts';
import { storageApi } from './storage.ts';
import { systemApi } from './system.ts';

/** The part of `wx` that this host has. Making it touches no browser object, so that a build can list it. */
export const createShim = (context: WxContext) => {
  const permissions = permissionsApi(context);
  return {
    ...navigationApi(context),
    ...pageApi(context),
    ...interfaceApi(),
    ...storageApi(context),
    ...systemApi(context),
    ...permissions.wx,
    ...networkApi(context),
    ...cloudApi(context),
    ...filesApi(),
    ...recorderApi(context, permissions.authorizeScope),
    ...queryApi(context),
  } satisfies Partial<WechatMiniprogram.Wx>;
};

/** The shim as pages see it: a member that it lacks is reported once instead of failing somewhere else. */
export const createWx = (context: WxContext): object => {
  const reported = new Set<PropertyKey>();
  return new Proxy(createShim(context), {
    get: (shim, name) => {
      if (!(name in shim) && typeof name === 'string' && !reported.has(name)) {
        reported.add(name);
        console.warn(`[wx] wx.${name} 在浏览器宿主中没有实现`);
      }
      return Reflect.get(shim, name) as unknown;
    },
  });
};
