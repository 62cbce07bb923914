/** Power spectra of real signals of one size, by a radix-2 FFT whose working arrays are reused. */
export class PowerSpectrum {
  readonly #re: Float64Array;
  readonly #im: Float64Array;
  readonly #reversed: Uint16Array;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;

  /** @param size of the input; a power of two */
  constructor(size: number) {
    this.#re = new Float64Array(size);
    this.#im = new Float64Array(size);
    this.#reversed = bitReversal(size);
    this.#cos = Float64Array.from({ length: size / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this.#sin = Float64Array.from({ length: size / 2 }, (_, k) => Math.sin((2 * Math.PI * k) / size));
  }

  /** Writes |X[k]|² for k = 0 … size/2 − 1 into `out`. */
  compute(input: Float64Array, out: Float64Array): void {
    const [re, im] = [this.#re, this.#im];
    for (let i = 0; i < re.length; i++) re[this.#reversed[i] as number] = input[i] as number;
    im.fill(0);
    this.#butterflies();
    for (let k = 0; k < re.length / 2; k++) out[k] = (re[k] as number) ** 2 + (im[k] as number) ** 2;
  }

  #butterflies(): void {
    const [re, im, cos, sin] = [this.#re, this.#im, this.#cos, this.#sin];
    for (let span = 1; span < re.length; span <<= 1) {
      const stride = re.length / 2 / span;
      for (let start = 0; start < re.length; start += 2 * span) {
        for (let j = start, k = 0; j < start + span; j++, k += stride) {
          const [c, s] = [cos[k] as number, sin[k] as number];
          const xr = (re[j + span] as number) * c + (im[j + span] as number) * s;
          const xi = (im[j + span] as number) * c - (re[j + span] as number) * s;
          re[j + span] = (re[j] as number) - xr;
          im[j + span] = (im[j] as number) - xi;
          re[j] = (re[j] as number) + xr;
          im[j] = (im[j] as number) + xi;
        }
      }
    }
  }
}

function bitReversal(size: number): Uint16Array {
  const bits = Math.log2(size);
  return Uint16Array.from({ length: size }, (_, i) => {
    let reversed = 0;
    for (let bit = 0; bit < bits; bit++) reversed |= ((i >> bit) & 1) << (bits - 1 - bit);
    return reversed;
  });
}
