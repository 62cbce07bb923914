import { createButton, createElement } from '../dom.ts';
import { createToggle, section, type Toggle } from './buttons.ts';
import type { HostControls } from './controls.ts';

/** What the phone is going through. */
export interface PhoneState {
  online: boolean;
  foreground: boolean;
  inCall: boolean;
}

const OFFLINE = '录音照常，文字停下；再按一次联网，断网时说的话自动补上。';
const CALL = '录音暂停；挂断后在手机里点「继续」。';
const BACKGROUND = '录音暂停，5 秒后连接被关闭；回来后在手机里点「继续」。';
const KILL = '容器被强行结束，一两秒后自动重启；会话由新的容器接手，一句不丢。';

/** What came of a press is said for this long, ms. */
const SAID_FOR_MS = 4_000;

/** 「试试出故障」: each button says what is to be expected. */
export const createFaultsPanel = (
  host: HostControls,
  state: PhoneState,
  canKill: boolean,
): { element: HTMLElement; render(): void } => {
  const said = createElement('span', { role: 'status' });
  const hint = (id: string, text: string): HTMLElement =>
    createElement('span', { id: `hint-${id}`, class: 'hint' }, text);
  const line = (button: HTMLElement, text: HTMLElement): HTMLElement =>
    createElement('div', { class: 'fault' }, button, text);
  const rows: [toggle: Toggle, pressed: () => boolean][] = [];
  const toggle = (
    id: string,
    text: string,
    explained: string,
    pressed: () => boolean,
    press: () => void,
  ): HTMLElement => {
    const explanation = hint(id, explained);
    const made = createToggle(text, press, explanation);
    rows.push([made, pressed]);
    return line(made.element, explanation);
  };
  const kill = async (): Promise<void> => {
    said.textContent = ' 正在结束……';
    const answer = await host.killContainer();
    said.textContent = answer ? ' 已经结束，正在重启。' : ' 没有在运行的容器，稍等再试。';
    setTimeout(() => said.replaceChildren(), SAID_FOR_MS);
  };
  const killLine = (): HTMLElement => {
    const explanation = hint('kill', KILL);
    explanation.append(said);
    return line(
      createButton({ class: 'danger', 'aria-describedby': explanation.id }, () => void kill(), '杀掉容器'),
      explanation,
    );
  };
  const element = section(
    '录音时试试出故障',
    toggle(
      'offline',
      '断网',
      OFFLINE,
      () => !state.online,
      () => host.setOnline(!state.online),
    ),
    toggle(
      'call',
      '来电',
      CALL,
      () => state.inCall,
      () => host.interrupt(!state.inCall),
    ),
    toggle(
      'background',
      '后台',
      BACKGROUND,
      () => !state.foreground,
      () => (state.foreground ? host.background() : host.foreground()),
    ),
    ...(canKill ? [killLine()] : []),
  );
  return {
    element,
    render: () => {
      for (const [made, pressed] of rows) made.setPressed(pressed());
    },
  };
};
