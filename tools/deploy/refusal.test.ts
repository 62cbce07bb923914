import { expect, test } from 'vitest';
import { describeCloudError, failureText } from './refusal.ts';

/** As `@cloudbase/manager-node` throws them. */
const refused = (code: string, message = 'no', action = 'CreateTable') =>
  Object.assign(new Error(`[${action}] ${message}`), { code, action, requestId: 'r-1' });
const unanswered = (code: string) =>
  Object.assign(new Error(), { code: '', message: Object.assign(new Error('x'), { code }) });

test.each([
  ['AuthFailure.SecretIdNotFound', 'TENCENTCLOUD_SECRETID'],
  ['AuthFailure.SignatureFailure', 'TENCENTCLOUD_SECRETKEY'],
  ['AuthFailure.SignatureExpire', '时钟'],
  ['AuthFailure.UnauthorizedOperation', 'QcloudTCBFullAccess'],
  ['UnauthorizedOperation', 'QcloudTCBFullAccess'],
  ['RequestLimitExceeded', '太频繁'],
  ['ResourceInUse', '任务'],
  ['LimitExceeded.Function', '额度'],
  ['ResourceNotFound.Namespace', 'TCB_ENV'],
  ['FailedOperation.Arrears', '欠费'],
  ['SomethingNew', '控制台'],
])('%s: what the cloud said, and what to do', (code, mention) => {
  const text = failureText(refused(code, '原话'));
  expect(text).toContain(`云拒绝了 CreateTable（${code}）：原话`);
  expect(text).toContain('请求号 r-1');
  expect(text.split('→')[1]).toContain(mention);
});

test('no answer: in words, and it may have happened', () => {
  const text = failureText(unanswered('ECONNRESET'));
  expect(text).toContain('没有应答（连接被对方断开（ECONNRESET））');
  expect(text).toContain('可能已经生效');
  expect(describeCloudError(unanswered('ECONNRESET'))).toMatchObject({ isUncertain: true, isPassing: true });
});

test('a page of a proxy is not shown', () => {
  const text = failureText(
    Object.assign(new Error('<html>secret</html>'), { code: '', name: 'CloudBaseError' }),
  );
  expect(text).toContain('代理');
  expect(text).not.toContain('secret');
});

test('a mistake of a program is neither the cloud’s word nor its silence', () => {
  expect(failureText(new TypeError('x is undefined'))).toMatch(/^没有完成：x is undefined/);
  expect(failureText(new Error('不存在灰度中的版本'))).toBe('不存在灰度中的版本');
  const ofSdk = Object.assign(new Error('云函数创建失败\n状态描述: 依赖'), {
    code: '',
    name: 'CloudBaseError',
  });
  expect(failureText(ofSdk)).toBe('云函数创建失败\n状态描述: 依赖');
});

test.each([
  [refused('ResourceNotFound'), true],
  [refused('ResourceNotFound.Function'), true],
  [refused('InvalidParameter', 'service data illegal'), true],
  [refused('InvalidParameter', 'something else'), false],
  [unanswered('ETIMEDOUT'), false],
])('what is not there is told from what could not be asked (%#)', (error, isNotFound) => {
  expect(describeCloudError(error).isNotFound).toBe(isNotFound);
});
