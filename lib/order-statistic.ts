/**
 * The element that would be at `rank` if the first `count` values were sorted. Reorders them: what is less is before it afterwards,
 * what is greater behind it. Takes about 3 × `count` comparisons, where sorting takes count × log(count) (Hoare's FIND, CACM 4:7).
 * @param rank 0 … count − 1
 * @param values finite
 */
export function valueOfRank(values: Float64Array, count: number, rank: number): number {
  let left = 0;
  let right = count - 1;
  while (left < right) {
    const pivot = values[(left + right) >> 1] as number;
    let i = left;
    let j = right;
    while (i <= j) {
      while ((values[i] as number) < pivot) i += 1;
      while ((values[j] as number) > pivot) j -= 1;
      if (i > j) break;
      const moved = values[i] as number;
      values[i] = values[j] as number;
      values[j] = moved;
      i += 1;
      j -= 1;
    }
    // Now all up to j are at most the pivot, and all from i at least: between them, if anything, is the pivot itself.
    if (rank <= j) right = j;
    else if (rank >= i) left = i;
    else break;
  }
  return values[rank] as number;
}
