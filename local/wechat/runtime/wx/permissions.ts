import type { Device, PrivacyKey, Scope } from '../device.ts';
import { openModal } from '../overlay.ts';
import { asyncApi, type WxContext, WxError } from './call.ts';

/** `errno` of WeChat's general error codes. */
const ERRNO_AUTH_DENIED = 103;
const ERRNO_PRIVACY_REFUSED = 104;
const ERRNO_SCOPE_NOT_DECLARED = 112;

/** What a scope's permission handles. */
const SCOPE_KEYS: Partial<Record<Scope, PrivacyKey>> = { 'scope.record': 'Record' };

const confirmed = (title: string, content: string, confirmText: string, cancelText: string) =>
  openModal({ title, content, confirmText, cancelText });

/**
 * Asks for the privacy agreement unless the user has given it before.
 * @param key what the API handles, by the name that it has in the declaration
 * @param api the API on whose behalf it is asked; its name stands in the error
 * @throws WxError when the mini-program does not declare it, or the user does not agree
 */
export type AskPrivacy = (key: PrivacyKey, api: string) => Promise<void>;

const askPrivacyOf =
  (device: Device): AskPrivacy =>
  async (key, api) => {
    if (!device.privacy.declared.includes(key))
      throw new WxError(`${api}:fail api scope is not declared in the privacy agreement`, {
        errno: ERRNO_SCOPE_NOT_DECLARED,
      });
    if (device.privacy.agreed) return;
    const content = '请阅读并同意《用户隐私保护指引》';
    if (!(await confirmed('用户隐私保护提示', content, '同意', '拒绝')))
      throw new WxError(`${api}:fail privacy permission is not authorized`, { errno: ERRNO_PRIVACY_REFUSED });
    device.privacy.agreed = true;
  };

const askScope = async (device: Device, scope: Scope): Promise<boolean> => {
  const content = scope === 'scope.record' ? '小程序申请使用你的麦克风' : `小程序申请 ${scope}`;
  return device.autoAnswer ?? confirmed('授权申请', content, '允许', '拒绝');
};

/**
 * Asks the user for the privacy agreement and the permission, each unless it was answered before.
 * @param api name of the API that needs it, for the error
 * @throws WxError when the privacy agreement or the permission is refused
 */
export type Authorize = (scope: Scope, api: string) => Promise<void>;

/** Permissions of the user, and the privacy agreement that WeChat asks before any of them. */
export const permissionsApi = ({ device }: WxContext) => {
  const askPrivacy = askPrivacyOf(device);
  /** A microphone that takes the place of the browser's needs no permission. */
  const isReplaced = (scope: string): boolean => scope === 'scope.record' && device.microphone !== undefined;
  const authorizeScope: Authorize = async (scope, name) => {
    if (isReplaced(scope)) return;
    await askPrivacy(SCOPE_KEYS[scope] ?? scope, name);
    // After a refusal there is no second dialog: only the settings page helps.
    device.scopes[scope] ??= await askScope(device, scope);
    if (device.scopes[scope] === false)
      throw new WxError(`${name}:fail auth deny`, { errno: ERRNO_AUTH_DENIED });
  };
  const settings = () => {
    const replaced = isReplaced('scope.record') && { 'scope.record': true };
    return { authSetting: { ...device.scopes, ...replaced } as WechatMiniprogram.AuthSetting } as never;
  };
  return {
    authorizeScope,
    askPrivacy,
    wx: {
      getSetting: asyncApi<WechatMiniprogram.GetSettingOption>('getSetting', settings),
      openSetting: asyncApi<WechatMiniprogram.OpenSettingOption>('openSetting', async () => {
        device.scopes['scope.record'] =
          device.autoAnswer ?? (await confirmed('设置', '允许小程序使用麦克风？', '允许', '不允许'));
        return settings();
      }),
      authorize: asyncApi<WechatMiniprogram.AuthorizeOption>('authorize', ({ scope }) =>
        authorizeScope(scope as Scope, 'authorize'),
      ),
      getPrivacySetting: asyncApi<WechatMiniprogram.GetPrivacySettingOption>('getPrivacySetting', () => ({
        needAuthorization: !device.privacy.agreed,
        privacyContractName: '《用户隐私保护指引》',
      })),
      openPrivacyContract: asyncApi<WechatMiniprogram.OpenPrivacyContractOption>(
        'openPrivacyContract',
        async () => {
          await openModal({
            title: '用户隐私保护指引',
            content: '在微信中，这里显示在公众平台填写的指引。',
            confirmText: '知道了',
          });
        },
      ),
    } satisfies Partial<WechatMiniprogram.Wx>,
  };
};
