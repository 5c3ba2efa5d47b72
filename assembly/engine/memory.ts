/** The first address behind the module's static data; the allocator starts here and never below. */
export const heapBase: usize = __heap_base;
