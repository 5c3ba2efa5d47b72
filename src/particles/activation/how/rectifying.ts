/** The work of a relu, `max(x, 0)` with the gradient 0 where x ≤ 0: what pools can do along with their own. */
export const rectifying = Symbol("rectifying");
