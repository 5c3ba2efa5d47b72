/** Counts what is asked of the memory, and refuses one request on purpose: how it is proved that running out leaves nothing behind. */
let asked = 0;
let refused = 0;

/** For the allocator: one more request; false where it has to be refused. */
export function granted(): boolean {
  return ++asked !== refused;
}

/** Whether the last request was refused on purpose: then nobody may look for memory elsewhere. */
export function refusedOnPurpose(): boolean {
  return asked === refused;
}

/**
 * Runs `body`; tells how many blocks it asked for, and what it threw. The request of number `refuse`, counted from 1, fails as if
 * memory had run out.
 */
export function watchRequests(body: () => void, refuse = 0): { readonly asked: number; readonly error?: unknown } {
  const outer = { asked, refused };
  asked = 0;
  refused = refuse;
  try {
    body();
    return { asked };
  } catch (error) {
    return { asked, error };
  } finally {
    asked += outer.asked;
    refused = outer.refused;
  }
}
