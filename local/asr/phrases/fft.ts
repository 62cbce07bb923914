/**
 * Power spectrum of a real signal: a complex FFT of half the size over pairs of even and odd samples, then the split into the
 * spectrum of the real signal. The instance holds the working arrays, so that `power` allocates nothing.
 */
export class RealFft {
  readonly size: number;
  readonly #half: number;
  readonly #re: Float64Array;
  readonly #im: Float64Array;
  readonly #reversed: Uint16Array;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;

  /** @param size of the real input; a power of two */
  constructor(size: number) {
    this.size = size;
    const half = size / 2;
    this.#half = half;
    this.#re = new Float64Array(half);
    this.#im = new Float64Array(half);
    this.#reversed = bitReversal(half);
    this.#cos = Float64Array.from({ length: half }, (_, k) => Math.cos((2 * Math.PI * k) / size));
    this.#sin = Float64Array.from({ length: half }, (_, k) => Math.sin((2 * Math.PI * k) / size));
  }

  /** Writes |X[k]|² for k = 0 … size/2 − 1 into `out`. */
  power(input: Float64Array, out: Float64Array): void {
    const half = this.#half;
    const [re, im, reversed] = [this.#re, this.#im, this.#reversed];
    for (let i = 0; i < half; i++) {
      const to = reversed[i] as number;
      re[to] = input[2 * i] as number;
      im[to] = input[2 * i + 1] as number;
    }
    this.#butterflies();
    this.#split(out);
  }

  #butterflies(): void {
    const half = this.#half;
    const [re, im, cos, sin] = [this.#re, this.#im, this.#cos, this.#sin];
    for (let span = 1; span < half; span <<= 1) {
      // the tables are for the real size, twice that of this transform
      const stride = half / span;
      for (let start = 0; start < half; start += 2 * span) {
        for (let j = start, k = 0; j < start + span; j++, k += stride) {
          const c = cos[k] as number;
          const s = sin[k] as number;
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

  #split(out: Float64Array): void {
    const half = this.#half;
    const [re, im] = [this.#re, this.#im];
    out[0] = ((re[0] as number) + (im[0] as number)) ** 2;
    for (let k = 1; k < half; k++) {
      const ar = re[k] as number;
      const ai = im[k] as number;
      const br = re[half - k] as number;
      const bi = im[half - k] as number;
      const evenRe = (ar + br) / 2;
      const evenIm = (ai - bi) / 2;
      const oddRe = (ai + bi) / 2;
      const oddIm = (br - ar) / 2;
      const c = this.#cos[k] as number;
      const s = this.#sin[k] as number;
      const xr = evenRe + oddRe * c + oddIm * s;
      const xi = evenIm + oddIm * c - oddRe * s;
      out[k] = xr * xr + xi * xi;
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
