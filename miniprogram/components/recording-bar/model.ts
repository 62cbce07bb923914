import { formatAudioTime, type Phase, phaseOf, type RecordingSnapshot } from 'cloudbase-voice';

export interface BarView {
  shown: boolean;
  tone: 'on' | 'off' | 'warn';
  /** In a few words; it changes rarely, so that a screen reader that announces it does not disturb. */
  state: string;
  elapsed: string;
  /** Loudness in steps from 0 to {@link LEVEL_STEPS}, so that not every frame changes it. */
  level: number;
  stoppable: boolean;
}

export const LEVEL_STEPS = 4;
export const levelStep = (level: number): number => Math.min(LEVEL_STEPS, Math.round(level * LEVEL_STEPS));

export const HIDDEN_BAR: BarView = {
  shown: false,
  tone: 'off',
  state: '',
  elapsed: formatAudioTime(0),
  level: 0,
  stoppable: false,
};

function stateOf(phase: Phase, { session }: RecordingSnapshot): Pick<BarView, 'tone' | 'state'> | null {
  switch (phase) {
    case 'starting':
      return { tone: 'off', state: '正在打开' };
    case 'recording':
      return session.link === 'down'
        ? { tone: 'warn', state: '正在重连' }
        : { tone: 'on', state: '正在录音' };
    case 'paused':
      return { tone: 'warn', state: '录音已暂停' };
    case 'stopping':
      return { tone: 'off', state: '还没存好' };
    case 'failed':
      return { tone: 'warn', state: '录音中断了' };
    case 'idle':
    case 'done':
      return null;
  }
}

/**
 * What the bar shows of the app's recording, without its loudness.
 * @param needsAttention it has failed, and the user has not seen why
 */
export function barOf(snapshot: RecordingSnapshot | null, needsAttention: boolean): Omit<BarView, 'level'> {
  const phase = snapshot ? phaseOf(snapshot) : 'idle';
  const state = snapshot && stateOf(phase, snapshot);
  if (snapshot === null || state === null || (phase === 'failed' && !needsAttention)) {
    const { level: _silent, ...hidden } = HIDDEN_BAR;
    return hidden;
  }
  return {
    ...state,
    shown: true,
    elapsed: formatAudioTime(snapshot.session.recordedMs),
    stoppable: phase === 'recording' || phase === 'paused' || phase === 'starting',
  };
}
