/** The first address behind a family's static data: the next family's lie there. Every family is compiled with it. */
export const heapBase: usize = __heap_base;
