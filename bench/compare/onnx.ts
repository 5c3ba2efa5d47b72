/** Sora as an ONNX file: the part of the format that it needs, with the field numbers of onnx.proto. */
import protobuf from "protobufjs";
import type { Values, Work } from "./work.ts";

const schema = `
syntax = "proto3";
message Model { int64 irVersion = 1; string producerName = 2; Graph graph = 7; repeated OperatorSet opsetImport = 8; }
message OperatorSet { string domain = 1; int64 version = 2; }
message Graph { repeated Node node = 1; string name = 2; repeated Tensor initializer = 5; repeated ValueInfo input = 11; repeated ValueInfo output = 12; }
message Node { repeated string input = 1; repeated string output = 2; string opType = 4; repeated Attribute attribute = 5; }
message Attribute { string name = 1; int64 i = 3; repeated int64 ints = 8; int32 type = 20; }
message Tensor { repeated int64 dims = 1; int32 dataType = 2; string name = 8; bytes rawData = 9; }
message ValueInfo { string name = 1; Type type = 2; }
message Type { TensorType tensorType = 1; }
message TensorType { int32 elemType = 1; Shape shape = 2; }
message Shape { repeated Dimension dim = 1; }
message Dimension { int64 dimValue = 1; string dimParam = 2; }
`;

const float32 = 1;
const attributeType = { int: 2, ints: 7 };

const ints = (name: string, ...values: number[]) => ({ name, ints: values, type: attributeType.ints });
const int = (name: string, i: number) => ({ name, i, type: attributeType.int });
const node = (opType: string, input: string[], output: string, ...attribute: object[]) => ({
  opType,
  input,
  output: [output],
  attribute,
});
const value = (name: string, ...dims: (number | string)[]) => ({
  name,
  type: {
    tensorType: {
      elemType: float32,
      shape: { dim: dims.map((dim) => (typeof dim === "string" ? { dimParam: dim } : { dimValue: dim })) },
    },
  },
});

export function soraOnnx(weights: Work["weights"]): Uint8Array {
  const parameters = (name: string) => [`${name}.weight`, `${name}.bias`];
  const stage = (input: string, name: string) => [
    node(
      "Conv",
      [input, ...parameters(name)],
      name,
      ints("kernel_shape", 3, 3),
      ints("pads", 1, 1, 1, 1),
      ints("strides", 1, 1),
    ),
    node("Relu", [name], `${name}.relu`),
    node("MaxPool", [`${name}.relu`], `${name}.pool`, ints("kernel_shape", 2, 2), ints("strides", 2, 2)),
  ];
  const model = {
    irVersion: 8,
    producerName: "quarkgrad",
    opsetImport: [{ domain: "", version: 13 }],
    graph: {
      name: "sora",
      node: [
        ...stage("images", "conv1"),
        ...stage("conv1.pool", "conv2"),
        node("Flatten", ["conv2.pool"], "flat", int("axis", 1)),
        node("Gemm", ["flat", ...parameters("fc1")], "fc1", int("transB", 1)),
        node("Relu", ["fc1"], "features"),
        node("Gemm", ["features", ...parameters("fc2")], "logits", int("transB", 1)),
      ],
      initializer: Object.entries(weights).map(([name, { shape, data }]: [string, Values]) => ({
        name,
        dims: shape,
        dataType: float32,
        rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      })),
      input: [value("images", "N", 1, 28, 28)],
      output: [value("logits", "N", 10)],
    },
  };
  const type = protobuf.parse(schema, { keepCase: false }).root.lookupType("Model");
  return type.encode(type.fromObject(model)).finish();
}
