/** How many of MNIST's images the site ships. */
export const counts = { train: 3000, test: 500 } as const;
