"""Writes files.json: files that numpy, PyTorch and safetensors wrote, with what they hold.

Made with PyTorch 2.15.0, numpy 2.4.6 and safetensors 0.8.0; run it in this folder. numpy's own test data are looked up in the
installed package.
"""

import base64
import io
import json
import os
import pathlib
import tempfile

import numpy as np
import safetensors.torch
import torch

files = []


def text(data):
    return base64.b64encode(data).decode()


def numbers(array):
    """The numbers as the library holds them: float32, int32 or uint8, rows first."""
    array = np.asarray(array)
    if array.dtype.kind == "f":
        name, kept = "float32", array.astype("<f4")
    elif array.dtype.kind == "b" or array.dtype == np.uint8:
        name, kept = "uint8", array.astype("|u1")
    else:
        name, kept = "int32", array.astype("<i4")
    return {"dtype": name, "shape": list(array.shape), "data": text(np.ascontiguousarray(kept).tobytes())}


def add(title, format, data, arrays=None, refused=None):
    entry = {"title": title, "format": format, "file": text(data)}
    if arrays is not None:
        entry["arrays"] = {name: numbers(value) for name, value in arrays.items()}
    if refused is not None:
        entry["refused"] = refused
    files.append(entry)


def npy(array, **options):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, **options)
    return out.getvalue()


whole = np.arange(24).reshape(2, 3, 4)
for code in ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?"]:
    array = (whole % 2 if code == "?" else whole - (0 if code[0] == "u" else 7)).astype(code)
    add(f"npy {array.dtype}", "npy", npy(array), {"": array})
special = np.array([0.0, -0.0, 1.5, np.inf, -np.inf, np.nan, 2.0**-24, 65504, 2.0**-14], "f2")
add("npy half precision", "npy", npy(special), {"": special})
add("npy big-endian", "npy", npy(whole.astype(">f4")), {"": whole.astype("f4")})
add("npy big-endian integers", "npy", npy(whole.astype(">i8")), {"": whole})
add("npy columns first", "npy", npy(np.asfortranarray(whole.astype("f4"))), {"": whole.astype("f4")})
add("npy scalar", "npy", npy(np.float32(0.25)), {"": np.float32(0.25)})
add("npy empty", "npy", npy(np.zeros((0, 3), "f4")), {"": np.zeros((0, 3), "f4")})
add("npy version 2", "npy", npy(whole.astype("f4"), version=(2, 0)), {"": whole.astype("f4")})
add("npy version 3", "npy", npy(whole.astype("f4"), version=(3, 0)), {"": whole.astype("f4")})
add("npy complex", "npy", npy(np.ones(2, "c8")), refused='dtype "<c8" is not read; numbers are f2, f4, f8, i1 to i8, u1 to u8 and b1')
add("npy texts", "npy", npy(np.array(["a", "b"])), refused='dtype "<U1" is not read; texts are no numbers')
add("npy records", "npy", npy(np.zeros(2, [("a", "<f4")])), refused="records are not read; give arrays of numbers")
data = pathlib.Path(np.__file__).parent / "lib" / "tests" / "data"
for name in ["py2-objarr.npy", "py3-objarr.npy", "py2-np0-objarr.npy"]:
    add(f"numpy's {name}", "npy", (data / name).read_bytes(), refused="objects are pickles, which would have to be executed")
for name in ["python3.npy", "win64python2.npy"]:
    add(f"numpy's {name}", "npy", (data / name).read_bytes(), {"": np.load(data / name)})
for name in ["py2-objarr.npz", "py3-objarr.npz"]:
    add(f"numpy's {name}", "npz", (data / name).read_bytes(), refused="objects are pickles, which would have to be executed")

arrays = {"conv1.weight": whole.astype("f4") / 4, "labels": np.array([3, 1, 2]), "mask": np.array([True, False])}
for title, save in [("npz", np.savez), ("npz compressed", np.savez_compressed)]:
    out = io.BytesIO()
    save(out, **arrays)
    add(title, "npz", out.getvalue(), arrays)


def pt(value, **options):
    out = io.BytesIO()
    torch.save(value, out, **options)
    return out.getvalue()


torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.Linear(4, 3))
state = model.state_dict()
as_numpy = {name: value.numpy() for name, value in state.items()}
add("pt state dict", "pt", pt(state), as_numpy)
for protocol in (3, 4, 5):
    add(f"pt state dict, pickle protocol {protocol}", "pt", pt(state, pickle_protocol=protocol), as_numpy)
add("pt state dict within a checkpoint", "pt", pt({"epoch": 3, "model": state, "loss": 0.5, "best": None, "names": ["a", ("b", True)], "big": 2**40}), as_numpy)
add("pt parameters", "pt", pt(dict(model.named_parameters())), {name: value.detach().numpy() for name, value in model.named_parameters()})
base = torch.arange(24.0).reshape(2, 3, 4)
views = {"whole": base, "column": base[:, :, 1], "transposed": base.permute(2, 0, 1), "one": base[1, 2, 3], "none": base[:0], "tied": base}
add("pt views of one storage", "pt", pt(views), {name: value.numpy() for name, value in views.items()})
kinds = [torch.float64, torch.float32, torch.float16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool, torch.uint16, torch.uint32, torch.uint64]
typed = {str(kind)[6:]: torch.tensor([0, 1, 1, 0]).to(kind) for kind in kinds}
add("pt dtypes", "pt", pt(typed), {name: value.numpy() for name, value in typed.items()})
brain = torch.tensor([1.0, -2.5, 3.140625, 1e30]).to(torch.bfloat16)
add("pt bfloat16", "pt", pt({"x": brain}), {"x": brain.float().numpy()})
add("pt an expanded tensor", "pt", pt({"x": torch.zeros(1).expand(10**8)}), refused="a tensor [100000000] is larger than what the file holds; save expanded tensors by contiguous()")
add("pt of the old kind", "pt", pt(state, _use_new_zipfile_serialization=False), refused="the file is of the kind before PyTorch 1.6; load it there and save it anew")
add("pt a module", "pt", pt(torch.nn.Linear(1, 1)), refused='is not allowed; only tensors and plain values are read')
add("pt no state dict", "pt", pt({"epoch": 3}), refused="the file holds no state dict; its keys are epoch; save model.state_dict(), or use readTorch")


class Evil:
    def __reduce__(self):
        return (os.system, ("echo executed",))


for protocol in (2, 4):
    add(f"pt that calls os.system, protocol {protocol}", "pt", pt({"x": Evil()}, pickle_protocol=protocol), refused='the name "posix.system" is not allowed; only tensors and plain values are read')

tensors = {"f64": torch.tensor([0.5, -2.0], dtype=torch.float64), "f16": torch.tensor([0.5, 65504.0]).half(), "bf16": brain, "i64": torch.tensor([-5, 2**31 - 1]), "i16": torch.tensor([-300], dtype=torch.int16), "i8": torch.tensor([[-128, 127]], dtype=torch.int8), "u8": torch.tensor([255], dtype=torch.uint8), "bool": torch.tensor([True, False, True]), "f32": torch.randn(2, 3)}
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "all.safetensors")
    safetensors.torch.save_file(tensors, path)
    read = {name: (value.float() if value.dtype == torch.bfloat16 else value).numpy() for name, value in tensors.items()}
    add("safetensors", "safetensors", open(path, "rb").read(), read)

with open("files.json", "w") as out:
    json.dump({"versions": f"PyTorch {torch.__version__}, numpy {np.__version__}", "files": files}, out, indent=0)
    out.write("\n")
