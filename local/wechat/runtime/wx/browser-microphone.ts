import type { Capture, OpenMicrophone } from '../device.ts';

/** The browser's own microphone. It asks its user for permission. */
export const openBrowserMicrophone: OpenMicrophone = async (rateHz) => {
  // Raw sound: the browser's own processing would change what the recogniser receives.
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  const context = new AudioContext({ sampleRate: rateHz });
  const close = async (): Promise<void> => {
    for (const track of stream.getTracks()) track.stop();
    await context.close();
  };
  try {
    await context.audioWorklet.addModule('/pcm-worklet.js');
    await context.resume();
  } catch (error) {
    await close();
    throw error;
  }
  const node = new AudioWorkletNode(context, 'capture');
  const capture: Capture = { onBlock: () => undefined, close };
  node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => capture.onBlock(data);
  context.createMediaStreamSource(stream).connect(node);
  return capture;
};
