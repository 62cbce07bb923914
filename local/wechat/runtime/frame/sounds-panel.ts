import type { HostConfig } from '../device.ts';
import { createButton, createElement } from '../dom.ts';
import { createToggle, section } from './buttons.ts';
import type { SoundRecording } from './recording.ts';
import { BadSound, type Sound, soundFromFile, soundOf } from './sound.ts';
import type { BrowserSpeaker } from './speaker.ts';

const ACCEPTED = '.wav,.mp3,.m4a,.aac,.flac,.ogg,.opus,audio/*';
const REFRESH_MS = 250;

const clockText = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

/** Fetches a sample of the host's server. */
const loadSample = async (id: string, title: string): Promise<Sound> => {
  const response = await fetch(`/_host/sample/${encodeURIComponent(id)}`).catch(() => undefined);
  if (!response?.ok) throw new BadSound(`取不到「${title}」：npm start 是不是已经停了？`);
  return soundOf(title, await response.arrayBuffer());
};

/** Shows what takes the place of the microphone, and how far it is. */
const createPlayer = (recording: SoundRecording, speaker: BrowserSpeaker) => {
  const title = createElement('span', { class: 'player-title' });
  const time = createElement('span', { class: 'digits' });
  const bar = createElement('progress', { max: '1', value: '0', 'aria-label': '播放到哪里' });
  const mute = createToggle('静音', () => {
    speaker.setMuted(!speaker.muted);
    mute.setPressed(speaker.muted);
  });
  const release = createButton({}, () => recording.release(), '换回麦克风');
  const element = createElement(
    'div',
    { class: 'player', role: 'group', 'aria-label': '正在当麦克风的录音' },
    createElement('div', { class: 'player-line' }, title, time),
    createElement('div', { class: 'player-line' }, bar, mute.element, release),
  );
  const render = (): void => {
    const playback = recording.playback;
    element.hidden = playback === undefined;
    if (playback === undefined) return;
    const { sound, positionMs, playing } = playback;
    title.textContent = `${playing ? '正在听' : '停在'}：${sound.title}`;
    time.textContent = `${clockText(positionMs)} / ${clockText(sound.durationMs)}`;
    bar.value = positionMs / sound.durationMs;
  };
  return { element, render };
};

/** 「播放示例录音」 and 「用自己的文件当麦克风」; the player is apart, so that it moves nothing when it appears. */
export const createSoundsPanel = (
  { samples }: Pick<HostConfig, 'samples'>,
  recording: SoundRecording,
  speaker: BrowserSpeaker,
): { choices: HTMLElement; player: HTMLElement } => {
  const problem = createElement('p', { class: 'problem', role: 'alert' });
  const player = createPlayer(recording, speaker);
  const file = createElement('input', {
    type: 'file',
    accept: ACCEPTED,
    class: 'file',
    tabindex: '-1',
    'aria-hidden': 'true',
  });
  const choose = createButton({ class: 'wide' }, () => file.click(), '选一个 WAV 或 MP3 文件……');
  const buttons: HTMLButtonElement[] = [choose];

  const record = async (load: () => Promise<Sound>): Promise<void> => {
    problem.textContent = '';
    for (const button of buttons) button.disabled = true;
    try {
      await recording.start(await load());
    } catch (error) {
      problem.textContent = error instanceof BadSound ? error.message : `没有成功：${String(error)}`;
    } finally {
      for (const button of buttons) button.disabled = false;
      player.render();
    }
  };

  file.addEventListener('change', () => {
    const chosen = file.files?.[0];
    file.value = '';
    if (chosen !== undefined) void record(() => soundFromFile(chosen));
  });
  const list = samples.map(({ id, title, note }) => {
    const button = createButton(
      { class: 'sample' },
      () => void record(() => loadSample(id, title)),
      createElement('span', { class: 'sample-title' }, title),
      createElement('span', { class: 'sample-note' }, note),
    );
    buttons.push(button);
    return button;
  });
  setInterval(player.render, REFRESH_MS);
  player.render();
  const choices = createElement(
    'div',
    { class: 'sounds' },
    ...(list.length === 0
      ? []
      : [section('播放示例录音', createElement('div', { class: 'samples' }, ...list))]),
    section('用自己的文件当麦克风', choose, file),
    problem,
  );
  return { choices, player: player.element };
};
