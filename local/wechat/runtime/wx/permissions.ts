import type { Scope } from '../device.ts';
import { openModal } from '../overlay.ts';
import { api, listeners, type WxContext, WxError } from './call.ts';

type W = WechatMiniprogram.Wx;

const NOT_DECLARED = {
  errno: 112,
} as const;

/** Permissions of the user, and the privacy agreement that WeChat asks before any of them. */
export const permissionsApi = ({ device }: WxContext) => {
  const privacyAsked =
    listeners<(resolve: (answer: { event: string; buttonId?: string }) => void, info: unknown) => void>();
  let hasPrivacyDialog = false;

  const askPrivacy = async (name: string): Promise<void> => {
    if (!device.privacy.declared)
      throw new WxError(`${name}:fail api scope is not declared in the privacy agreement`, NOT_DECLARED);
    if (device.privacy.agreed) return;
    const agreed = hasPrivacyDialog
      ? await new Promise<boolean>((resolve) => {
          privacyAsked.emit(({ event }) => resolve(event === 'agree'), { referrer: name });
        })
      : (
          await openModal({
            title: '用户隐私保护提示',
            content: '请阅读并同意《用户隐私保护指引》',
            confirmText: '同意',
            cancelText: '拒绝',
          })
        ).confirm;
    if (!agreed) throw new WxError(`${name}:fail privacy permission is not authorized`, { errno: 104 });
    device.privacy.agreed = true;
  };

  const ask = async (scope: Scope): Promise<boolean> => {
    if (device.autoAnswer !== undefined) return device.autoAnswer;
    const { confirm } = await openModal({
      title: '授权申请',
      content: scope === 'scope.record' ? '小程序申请使用你的麦克风' : `小程序申请 ${scope}`,
      confirmText: '允许',
      cancelText: '拒绝',
    });
    return confirm;
  };

  /** The one permission flow; also what `RecorderManager.start` goes through. */
  const authorize = async (scope: Scope, name: string): Promise<void> => {
    await askPrivacy(name);
    // After a refusal there is no second dialog: only the settings page helps.
    device.scopes[scope] ??= await ask(scope);
    if (device.scopes[scope] === false) throw new WxError(`${name}:fail auth deny`, { errno: 103 });
  };

  const authSetting = (): WechatMiniprogram.AuthSetting =>
    ({ ...device.scopes }) as WechatMiniprogram.AuthSetting;

  return {
    authorizeScope: authorize,
    wx: {
      getSetting: api<WechatMiniprogram.GetSettingOption>(
        'getSetting',
        () => ({ authSetting: authSetting() }) as never,
      ),
      openSetting: api<WechatMiniprogram.OpenSettingOption>('openSetting', async () => {
        const allowed =
          device.autoAnswer ??
          (
            await openModal({
              title: '设置',
              content: '允许小程序使用麦克风？',
              confirmText: '允许',
              cancelText: '不允许',
            })
          ).confirm;
        device.scopes['scope.record'] = allowed;
        return { authSetting: authSetting() } as never;
      }),
      authorize: api<WechatMiniprogram.AuthorizeOption>('authorize', ({ scope }) =>
        authorize(scope as Scope, 'authorize'),
      ),
      getPrivacySetting: api<WechatMiniprogram.GetPrivacySettingOption>('getPrivacySetting', () => ({
        needAuthorization: !device.privacy.agreed,
        privacyContractName: '《用户隐私保护指引》',
      })),
      requirePrivacyAuthorize: api<WechatMiniprogram.RequirePrivacyAuthorizeOption>(
        'requirePrivacyAuthorize',
        () => askPrivacy('requirePrivacyAuthorize'),
      ),
      openPrivacyContract: api<WechatMiniprogram.OpenPrivacyContractOption>(
        'openPrivacyContract',
        async () => {
          await openModal({
            title: '用户隐私保护指引',
            content: '在微信中，这里显示在公众平台填写的指引。',
            confirmText: '知道了',
          });
        },
      ),
      onNeedPrivacyAuthorization: ((listener: Parameters<typeof privacyAsked.on>[0]) => {
        hasPrivacyDialog = true;
        privacyAsked.on(listener);
      }) as unknown as W['onNeedPrivacyAuthorization'],
    } satisfies Partial<W>,
  };
};
