import type { RecorderErrorCode } from './recorder/recorder.types.ts';
import { type AnyErrorCode, codeOf } from './session/local-errors.ts';

/**
 * What a page offers as the next step. `take-back`: `VoiceSession.reclaim`; `test`: the connection test; `new`: a new
 * recording; `options`: the recording's options.
 */
export type ErrorAction = 'none' | 'retry' | 'test' | 'new' | 'take-back' | 'options';

/** What a page says about an error, in Chinese. */
export interface ErrorText {
  /** Short: title of a banner or a dialog. */
  title: string;
  /** What happened and what the user can do. */
  hint: string;
  /** What the page offers as the next step; `none`: nothing. */
  action: ErrorAction;
}

/** Label of the button for each action, in Chinese. */
export const ACTION_LABELS: Record<Exclude<ErrorAction, 'none'>, string> = {
  retry: '重试',
  test: '检测连接',
  new: '重新开始',
  'take-back': '在此继续',
  options: '修改选项',
};

const text = (title: string, hint: string, action: ErrorAction = 'none'): ErrorText => ({
  title,
  hint,
  action,
});

/** Errors of the Tencent Cloud account: only an administrator can correct them. */
const accountText = (title: string, hint: string): ErrorText =>
  text(title, `${hint}。录音已保存在手机上，服务恢复后会自动补传。`, 'retry');

const ERROR_TEXTS: Record<AnyErrorCode, ErrorText> = {
  UNAUTHENTICATED: text('无法确认身份', '没有取得身份凭证，请检查网络和云开发环境。', 'test'),
  TICKET_INVALID: text('身份凭证无效', '服务端密钥不一致，请联系管理员。', 'test'),
  TICKET_EXPIRED: text('身份凭证已过期', '正在重新获取，请稍候。', 'retry'),
  FORBIDDEN: text('无权访问', '这条记录属于其他用户。'),
  USE_WEBSOCKET: text('连接方式不正确', '应用版本与服务不一致，请更新小程序。', 'test'),
  USE_NAMESPACE: text('连接地址不正确', '应用版本与服务不一致，请更新小程序。', 'test'),

  BAD_REQUEST: text('请求不正确', '应用版本与服务不一致，请更新小程序后再试。'),
  UNKNOWN_EVENT: text('请求不正确', '应用版本与服务不一致，请更新小程序后再试。'),
  UNKNOWN_ACTION: text('请求不正确', '应用版本与服务不一致，请更新小程序后再试。'),
  UNKNOWN_ENGINE: text('不支持这种语言', '请在选项中换一种识别语言。', 'options'),
  BAD_SAMPLE_RATE: text('采样率不匹配', '请在选项中换一种识别语言。', 'options'),
  BAD_HOTWORDS: text('热词格式不正确', '最多 128 个，每个不超过 10 个汉字或 30 个字母。', 'options'),
  TOO_LARGE: text('内容过大', '请缩短录音，或减小文件后再试。'),
  BODY_TOO_LARGE: text('内容过大', '请缩短录音，或减小文件后再试。'),
  METHOD_NOT_ALLOWED: text('请求不正确', '应用版本与服务不一致，请更新小程序后再试。'),
  NOT_FOUND: text('记录不存在', '它可能已被删除。'),
  TOO_MANY_PINNED: text('置顶已满', '最多置顶 20 条，请先取消一些置顶。'),

  NOT_STARTED: text('会话尚未开始', '正在重新建立会话，请稍候。', 'retry'),
  ALREADY_STARTED: text('会话已在进行', '请先结束当前录音。', 'retry'),
  BAD_AUDIO: text('音频格式不正确', '无法识别这段录音，请重新开始。', 'new'),
  MIXED_FRAMES: text('音频格式不正确', '无法识别这段录音，请重新开始。', 'new'),
  AUDIO_GAP: text('正在补传音频', '有一段音频需要重新发送，请稍候。'),
  TOO_FAST: text('正在补传音频', '服务正在追赶进度，请稍候。'),
  TAKEN_OVER: text('已在另一台设备上继续', '本机已停止录音。点「在此继续」可以接回来。', 'take-back'),
  SESSION_DELETED: text('记录已被删除', '这次录音已在别处删除。24 小时内可在历史记录中恢复。', 'new'),
  SESSION_ENDED: text('会话已经结束', '可以在历史记录中查看结果。', 'new'),
  SESSION_EXPIRED: text('中断时间过长', '这次录音不能再续传，已识别的内容在历史记录中。', 'new'),
  DRAINING: text('服务正在更新', '马上会自动连接到新的实例，录音不会丢失。'),
  RECORD_TOO_NEW: text('服务正在更新', '会自动连接到更新后的实例，录音先保存在手机上。', 'retry'),
  BUSY: text('服务繁忙', '正在排队，录音会先保存在手机上。', 'retry'),
  RATE_LIMITED: text('操作过于频繁', '请稍候，会自动重试，录音先保存在手机上。', 'retry'),

  STORE_MISCONFIGURED: accountText('数据库不可用', '服务端的数据库配置不正确，请联系管理员'),
  STORE_UNAVAILABLE: text('保存暂时延迟', '文字会继续出现，数据库恢复后自动保存。'),
  ASR_UNAVAILABLE: text('识别服务暂时不可用', '录音先保存在手机上，恢复后自动补上文字。'),
  ASR_BUSY: text('识别并发已满', '正在排队，录音先保存在手机上。'),
  ASR_AUTH: accountText('识别服务未授权', '服务端的腾讯云密钥不正确，请联系管理员'),
  ASR_NOT_ENABLED: accountText('识别服务未开通', '请联系管理员在腾讯云控制台开通语音识别'),
  ASR_NO_QUOTA: accountText('识别额度已用完', '请联系管理员购买资源包'),
  ASR_ARREARS: accountText('腾讯云账户欠费', '请联系管理员充值'),
  ASR_BAD_PARAMS: text('识别选项不被接受', '该语言可能没有开通，请换一种后再试。', 'options'),
  ASR_BAD_AUDIO: text('音频无法识别', '录音格式与所选语言不匹配，请重新开始。', 'new'),
  ASR_REGION: accountText('识别服务拒绝了请求', '服务部署在境外，请联系管理员'),

  AUDIO_TOO_LONG: text('录音超过 60 秒', '请改用实时识别，它没有时长限制。'),
  AUDIO_UNSUPPORTED: text('不支持这种文件', '支持 wav、mp3、m4a、aac、amr、silk、speex、ogg-opus。'),
  NO_SPEECH: text('没有听到说话', '请靠近麦克风，再说一次。', 'retry'),

  CONFLICT: text('记录正被修改', '请稍后再试。', 'retry'),
  INTERNAL: text('服务出了点问题', '请稍后再试。', 'retry'),

  NETWORK: text('网络不可用', '请检查网络后重试。', 'retry'),
  CLOUD_NOT_READY: text('云开发不可用', '请更新微信，或检查开发者页里的环境 ID。', 'test'),
  FUNCTION_NOT_FOUND: text('服务未部署', '云函数不存在，请联系管理员部署。', 'test'),
  FUNCTION_FAILED: text('服务出了点问题', '云函数执行失败，请稍后再试。', 'retry'),
  UPLOAD_FAILED: text('上传失败', '请检查网络和手机的剩余空间后重试。', 'retry'),
  TOO_OLD: text('存放时间过长', '这段录音超过 24 小时没有传完，已不能续传。'),
  SESSION_CLOSED: text('稍后继续', '录音已保存在手机上，下次打开时自动补传。'),
};

/** The text of an error by its code. */
export const errorTextFor = (code: AnyErrorCode): ErrorText => ERROR_TEXTS[code];

/** The text of anything that was thrown; what is neither a `VoiceError` nor a `LocalError` has the text of `INTERNAL`. */
export const errorTextOf = (error: unknown): ErrorText => ERROR_TEXTS[codeOf(error)];

/** What is said about an error where no next step is offered, in Chinese: of a page that shows stored data, or of the microphone. */
export interface Problem {
  /** Short: title of a banner or a dialog. */
  title: string;
  /** What happened and what the user can do. */
  hint: string;
}

/**
 * The text of an error on a page that reads stored data: the text for `STORE_UNAVAILABLE` in {@link ErrorText} is about a
 * running recording.
 */
export function problemOf(error: unknown): Problem {
  if (codeOf(error) === 'STORE_UNAVAILABLE')
    return { title: '暂时读不到数据', hint: '数据库没有应答，请稍后重试。' };
  const { title, hint } = errorTextOf(error);
  return { title, hint };
}

/** Why the microphone cannot be used, and what the user can do, by {@link RecorderErrorCode}. */
export const RECORDER_ERROR_TEXTS: Record<RecorderErrorCode, Problem> = {
  denied: {
    title: '没有麦克风权限',
    hint: '请在设置中允许「使用我的麦克风」，再回来录音。',
  },
  'denied-system': {
    title: '微信不能使用麦克风',
    hint: '请在手机的系统设置中允许微信使用麦克风，再重试。',
  },
  privacy: {
    title: '隐私保护指引未包含麦克风',
    hint: '若刚才选择了拒绝，请重试并同意；若没有出现询问，需要管理员在小程序后台的「用户隐私保护指引」中声明麦克风。',
  },
  busy: {
    title: '麦克风正被占用',
    hint: '请先结束通话或其他录音，再重试。',
  },
  failed: {
    title: '打不开麦克风',
    hint: '请重试；仍然不行时请重启微信。',
  },
};
