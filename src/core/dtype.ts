/** float32 to compute, int32 for labels and indices, uint8 for images and masks. */
export type DType = "float32" | "int32" | "uint8";

export const bytesOf: { readonly [D in DType]: number } = { float32: 4, int32: 4, uint8: 1 };

export type TypedArray = Float32Array | Int32Array | Uint8Array;

/** The view that shows `length` elements of `dtype` from byte `ptr` on. */
export function viewOf(dtype: DType, buffer: ArrayBufferLike, ptr: number, length: number): TypedArray {
  if (dtype === "float32") return new Float32Array(buffer, ptr, length);
  if (dtype === "int32") return new Int32Array(buffer, ptr, length);
  return new Uint8Array(buffer, ptr, length);
}
