import { Device } from '../device.ts';
import { createShim } from './index.ts';

/** Members that hold further members. */
const NAMESPACES = ['cloud', 'env'] as const;

/** Every member of the shim, with the members of `wx.cloud` and `wx.env`; for the build's check. */
export const listMembers = (): Record<string, string[]> => {
  const device = new Device({ user: { openid: '', name: '' }, service: '', extConfig: {} });
  const shim = createShim({
    device,
    pages: () => {
      throw new Error('there are no pages at build time');
    },
  });
  const namespaces: readonly string[] = NAMESPACES;
  return Object.fromEntries(
    Object.entries(shim).map(([name, value]) => [name, namespaces.includes(name) ? Object.keys(value) : []]),
  );
};
