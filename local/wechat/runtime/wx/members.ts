import { Device } from '../device.ts';
import { createShim } from './index.ts';

/** Members that hold further members. */
const NAMESPACES = ['cloud', 'env'] as const;

/** Every member of the shim, and those of `wx.cloud` and `wx.env` as `cloud.init`; for the build's check. */
export const listMembers = (): string[] => {
  const device = new Device({ user: { openid: '', name: '' }, service: '', extConfig: {} });
  const shim = createShim({
    device,
    pages: () => {
      throw new Error('there are no pages at build time');
    },
  });
  const namespaces: readonly string[] = NAMESPACES;
  return Object.entries(shim).flatMap(([name, value]) => [
    name,
    ...(namespaces.includes(name) ? Object.keys(value).map((inner) => `${name}.${inner}`) : []),
  ]);
};
