"""Times PyTorch's side of the growth works: a request a line on stdin, an answer a line on stdout.

{"torch": "a.exp()", "a": [1000], "b": [1], "i": [1], "places": 1, "best": false}  prepares a work,
{"milliseconds": 20}                                                               times it: the fastest and the median of its samples, in ms.

"best": tensors of four axes lie channels last. The allocator keeps its pages where MALLOC_* in the environment say so (run.ts sets them).
"""

import json
import statistics
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(0)
clock = time.perf_counter
call = None
repeats = 1


def prepare(request):
    a, b = (torch.rand(request[name]) for name in "ab")
    i = torch.randint(request["places"], request["i"])
    if request["best"]:
        a, b = (t.contiguous(memory_format=torch.channels_last) if t.dim() == 4 else t for t in (a, b))
    code = compile(request["torch"], "work", "eval")
    names = {"torch": torch, "F": F, "a": a, "b": b, "i": i}
    return lambda: eval(code, names)


def timed():
    started = clock()
    for _ in range(repeats):
        call()
    return 1000 * (clock() - started) / repeats


with torch.inference_mode():
    for line in sys.stdin:
        request = json.loads(line)
        if "torch" in request:
            call, repeats = prepare(request), 1
            once = min(timed() for _ in range(5))
            repeats = max(1, round(1 / max(once, 1e-4)))
            answer = {"version": torch.__version__}
        else:
            end = clock() + request["milliseconds"] / 1000
            samples = []
            while len(samples) < 3 or clock() < end:
                samples.append(timed())
            answer = {"fastest": min(samples), "median": statistics.median(samples)}
        print(json.dumps(answer), flush=True)
