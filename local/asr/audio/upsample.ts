/** Half of the interpolation filter's length, in input samples. */
const REACH = 8;

/** The samples half-way between the given ones: a Hann-windowed sinc, normalised to unity gain. */
const halfway = (() => {
  const taps = Float64Array.from({ length: 2 * REACH }, (_, i) => {
    const x = i - REACH + 0.5;
    return (Math.sin(Math.PI * x) / (Math.PI * x)) * (0.5 + 0.5 * Math.cos((Math.PI * x) / REACH));
  });
  const gain = taps.reduce((sum, tap) => sum + tap, 0);
  return taps.map((tap) => tap / gain);
})();

/** 8 kHz to 16 kHz, chunk by chunk. Delays by 8 samples of the input (1 ms). */
export class Upsampler {
  #tail = new Int16Array(2 * REACH);

  push(pcm: Int16Array): Int16Array {
    const all = new Int16Array(this.#tail.length + pcm.length);
    all.set(this.#tail);
    all.set(pcm, this.#tail.length);
    const out = new Int16Array(2 * pcm.length);
    for (let i = 0; i < pcm.length; i++) {
      let sum = 0;
      for (let k = 0; k < halfway.length; k++) sum += (halfway[k] as number) * (all[i + k + 1] as number);
      out[2 * i] = all[i + REACH] as number;
      out[2 * i + 1] = Math.max(-32768, Math.min(32767, Math.round(sum)));
    }
    this.#tail = all.slice(-this.#tail.length);
    return out;
  }
}
