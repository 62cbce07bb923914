import { pcmToWav } from '../../lib/wav.ts';
import { type TemporaryFiles, wxTemporaryFiles } from '../services/temporary-files.ts';
import type { OpenClip } from './clip.types.ts';

/** Folder of the audio that is being played. */
const FOLDER = 'voice-play';

/**
 * Clips over `wx.createInnerAudioContext`, each with a WAV file and a context of its own: a context that is used again may report the
 * time of what it played before, and phones may keep a file's old content under a path that is used again.
 */
export function clipsIn(files: TemporaryFiles): OpenClip {
  let opened = 0;
  return async (pcm, rateHz, handlers) => {
    // What one taps to hear is heard though the phone is muted, as voice messages in WeChat are.
    if (opened === 0) wx.setInnerAudioOption({ obeyMuteSwitch: false, fail: () => {} });
    opened += 1;
    const wav = pcmToWav([new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength)], rateHz);
    const path = await files.write(`${opened}.wav`, wav.buffer);
    const context = wx.createInnerAudioContext();
    let closed = false;
    context.onTimeUpdate(() => closed || handlers.time(context.currentTime));
    context.onEnded(() => closed || handlers.ended());
    context.onError(({ errMsg }) => closed || handlers.failed(errMsg));
    context.src = path;
    return {
      play: () => context.play(),
      pause: () => context.pause(),
      setSpeed(speed) {
        context.playbackRate = speed;
      },
      close() {
        if (closed) return;
        closed = true;
        context.destroy();
        // What is left behind goes when the app next plays something after a restart.
        files.remove(path).catch(() => {});
      },
    };
  };
}

let open: OpenClip | undefined;
/** The phone's loudspeaker. */
export const openWxClip: OpenClip = (...args) => {
  open ??= clipsIn(wxTemporaryFiles(FOLDER));
  return open(...args);
};

/** Listens for calls, alarms and the like, which pause all audio. @returns a function that stops listening */
export function onWxAudioInterruption(fn: () => void): () => void {
  wx.onAudioInterruptionBegin(fn);
  return () => wx.offAudioInterruptionBegin(fn);
}
