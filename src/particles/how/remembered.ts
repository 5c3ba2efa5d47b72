/** `compute`, whose answer for an object is kept as long as the object lives. */
export function remembered<Of extends object, Answer>(compute: (of: Of) => Answer): (of: Of) => Answer {
  const answers = new WeakMap<Of, Answer>();
  return (of) => {
    let answer = answers.get(of);
    if (answer === undefined) {
      answer = compute(of);
      answers.set(of, answer);
    }
    return answer;
  };
}
