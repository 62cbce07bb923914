import { Device } from '../device.ts';
import { audioApi } from './audio.ts';
import type { WxContext } from './call.ts';
import { cloudApi } from './cloud.ts';
import { filesApi, storageApi } from './files.ts';
import { interfaceApi } from './interface.ts';
import { navigationApi } from './navigation.ts';
import { permissionsApi } from './permissions.ts';
import { queryApi } from './query.ts';
import { recorderApi } from './recorder.ts';
import { socketApi } from './socket.ts';
import { systemApi } from './system.ts';

/**
 * The part of `wx` that this host has: what the app and the widgets that it uses name. Creating it uses no browser
 * object, so that a build can list its members.
 */
const createShim = (context: WxContext) => {
  const permissions = permissionsApi(context);
  return {
    ...navigationApi(context),
    ...interfaceApi(permissions.askPrivacy),
    ...storageApi(context),
    ...systemApi(context),
    ...permissions.wx,
    ...socketApi(context),
    ...cloudApi(context),
    ...filesApi(permissions.askPrivacy),
    ...audioApi(context),
    ...recorderApi(context, permissions.authorizeScope),
    ...queryApi(() => context.pages().top?.instance),
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

/** Members that hold further members. */
const NAMESPACES: readonly string[] = ['cloud', 'env'];

/** Every member of the shim, and those of `wx.cloud` and `wx.env` as `cloud.init`; for the build's check. */
export const listMembers = (): string[] => {
  const shim = createShim({
    device: new Device({ user: { openid: '', name: '' }, service: '', privacyKeys: [] }),
    pages: () => {
      throw new Error('there are no pages at build time');
    },
  });
  return Object.entries(shim).flatMap(([name, value]) => [
    name,
    ...(NAMESPACES.includes(name) ? Object.keys(value).map((inner) => `${name}.${inner}`) : []),
  ]);
};
