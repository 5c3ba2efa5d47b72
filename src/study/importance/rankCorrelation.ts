/**
 * Spearman's rank correlation of two equally long lists, from −1 to 1: Pearson's correlation of their ranks, where
 * equal numbers share the mean of their ranks. NaN where one of them is constant.
 */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranksOf(a), ranksOf(b)];
  const mean = (a.length + 1) / 2;
  let [products, squaresX, squaresY] = [0, 0, 0];
  for (let index = 0; index < a.length; index++) {
    const [dx, dy] = [x[index]! - mean, y[index]! - mean];
    products += dx * dy;
    squaresX += dx * dx;
    squaresY += dy * dy;
  }
  return products / Math.sqrt(squaresX * squaresY);
}

/** 1 for the smallest number. */
function ranksOf(numbers: readonly number[]): number[] {
  const order = numbers.map((_, index) => index).sort((i, j) => numbers[i]! - numbers[j]!);
  const ranks = new Array<number>(numbers.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && numbers[order[end]!] === numbers[order[start]!]) end++;
    for (let place = start; place < end; place++) ranks[order[place]!] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}
