/** An error of the library, as it says it: its texts name what is wrong and what to do. */
export function Failure({ error }: { readonly error: unknown }) {
  return (
    <p class="failure" role="alert">
      {error instanceof Error ? error.message : String(error)}
    </p>
  );
}
