/** Five training steps of Sora on numbers of its own, by the built package: all runtimes must agree to the last bit. */

/** @param {string} library the address of `dist/index.js` */
export async function bitsOf(library) {
  const { crossEntropy, manualSeed, optim, rand, randint, Sora, scope, setThreads, weightsSha256 } = await import(
    library
  );
  const results = [];
  for (const wanted of [1, 2]) {
    const { threads, reason } = await setThreads(wanted);
    manualSeed(7);
    const model = new Sora();
    const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
    const images = rand([64, 1, 28, 28]);
    const labels = randint(0, 10, [64]);
    for (let step = 0; step < 5; step++) {
      scope(() => {
        optimizer.zeroGrad();
        crossEntropy(model.forward(images), labels).backward();
        optimizer.step();
      });
    }
    results.push({ wanted, threads, reason: threads === wanted ? "" : reason, sha256: weightsSha256(model) });
  }
  await setThreads(1);
  return results;
}
