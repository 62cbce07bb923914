/**
 * Why WeChat refused an API that handles personal data. `undeclared`: the mini-program's privacy guide does not declare it (errno
 * 112); `refused`: the user did not agree to the guide (errno 104; WeChat asks again only after 10 s); `cancelled`: the user
 * closed the dialog; `failed`: all else.
 * Source: https://developers.weixin.qq.com/miniprogram/dev/framework/user-privacy/PrivacyAuthorize.html
 */
export type RefusalCause = 'undeclared' | 'refused' | 'cancelled' | 'failed';

const ERRNO_REFUSED = 104;
const ERRNO_UNDECLARED = 112;

interface WxFailure {
  errMsg?: unknown;
  errno?: unknown;
}

/** @param error what an API of `wx` was rejected with */
export function refusalCauseOf(error: unknown): RefusalCause {
  const { errMsg, errno } = (error ?? {}) as WxFailure;
  const text = String(errMsg ?? error).toLowerCase();
  if (errno === ERRNO_UNDECLARED || text.includes('not declared in the privacy')) return 'undeclared';
  if (errno === ERRNO_REFUSED || text.includes('privacy permission')) return 'refused';
  return /:fail.*cancel/.test(text) ? 'cancelled' : 'failed';
}

/** What is refused, and the name that it has in 「用户隐私保护指引」. */
const SUBJECTS = {
  clipboard: { title: '不能复制', guide: '剪切板' },
  file: { title: '不能选择文件', guide: '选中的文件' },
} as const;
export type PrivacySubject = keyof typeof SUBJECTS;

export interface Refusal {
  title: string;
  /** Why, and what the user can do. */
  content: string;
}

/**
 * The text for a refusal; null where the user has cancelled, which needs none.
 * @param otherwise another way to the same end, a sentence
 */
export function refusalText(subject: PrivacySubject, error: unknown, otherwise: string): Refusal | null {
  const { title, guide } = SUBJECTS[subject];
  switch (refusalCauseOf(error)) {
    case 'cancelled':
      return null;
    case 'undeclared':
      return {
        title,
        content: `小程序的《用户隐私保护指引》没有声明「${guide}」，请联系管理员在小程序后台补充。${otherwise}`,
      };
    case 'refused':
      return { title, content: `需要先同意《用户隐私保护指引》，请过十秒再试一次。${otherwise}` };
    case 'failed':
      return { title, content: `微信没有完成这个操作，请再试一次。${otherwise}` };
  }
}

/** Shows why something was refused; nothing where the user has cancelled. */
export async function showRefusal(subject: PrivacySubject, error: unknown, otherwise: string): Promise<void> {
  const text = refusalText(subject, error, otherwise);
  if (text !== null) await wx.showModal({ ...text, showCancel: false, confirmText: '知道了' });
}
