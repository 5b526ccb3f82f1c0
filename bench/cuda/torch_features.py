#!/usr/bin/env python3
"""The features of bench_cuda in PyTorch on the same GPU, eager and through torch.compile:
torch_features.py [WORD], only the works whose name holds the word. Time of one call within captured
CUDA graphs, inputs rotating over more than 320 MB, median; results are first compared with float64
on the CPU."""

import math
import statistics
import sys

import torch

ROTATED = 320 << 20
REPLAYS = 9
LARGE = 1 << 27


def segments(x, n, hop):
    return x.unfold(-1, n, hop)


def power(z):
    """|z|^2 in real numbers, which torch.compile fuses with what follows."""
    return torch.view_as_real(z).square().sum(-1)


def psd(n):
    window = torch.hann_window(n, dtype=torch.float64)
    scale = 2.0 / (window.square().sum())
    edges = torch.ones(n // 2 + 1, dtype=torch.float64)
    edges[0] = edges[-1] = 0.5

    def run(x, window, factors):
        return power(torch.fft.rfft(segments(x, n, n // 2) * window)).mean(-2) * factors

    return run, (window, edges * scale)


def bins(n, k):
    run_psd, constants = psd(n)

    def run(x, window, factors):
        values, places = run_psd(x, window, factors).topk(k, dim=-1)
        bin_of = places.to(values.dtype)
        return torch.stack((bin_of, values, bin_of / n, values), -1)

    return run, constants


def mel(n=400, hop=160, bands=80, fs=16000):
    """Whisper's log-mel with triangles evenly spaced on the HTK scale: as much work as its own."""
    to_mel = lambda f: 2595 * math.log10(1 + f / 700)
    edges = torch.linspace(0, to_mel(fs / 2), bands + 2, dtype=torch.float64)
    edges = 700 * (10 ** (edges / 2595) - 1)
    f = torch.linspace(0, fs / 2, n // 2 + 1, dtype=torch.float64)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    filters = torch.minimum((f - low) / (middle - low), (high - f) / (high - middle)).clamp(min=0)

    def run(x, window, filters):
        x = torch.nn.functional.pad(x[:, None], (n // 2, n // 2), mode="reflect")[:, 0]
        spectra = power(torch.fft.rfft(segments(x, n, hop)[:, :-1] * window))
        logs = (spectra @ filters).clamp(min=1e-10).log10()
        logs = torch.maximum(logs, logs.amax((-2, -1), keepdim=True) - 8)
        return ((logs + 4) / 4).transpose(-2, -1)

    return run, (torch.hann_window(n, dtype=torch.float64), filters.T.contiguous())


WORKS = {
    "bins 256 x 2, 8192 rows": (bins(256, 16), 8192, 384),
    "bins 256 x 2, 65536 rows": (bins(256, 16), 65536, 384),
    "bins 256 x 8, 8192 rows": (bins(256, 16), 8192, 1152),
    "psd 1024 x 8, 3640 rows": (psd(1024), 3640, 4608),
    "psd 4096 x 8, 910 rows": (psd(4096), 910, 18432),
    "log-mel, 256 clips of 30 s": (mel(), 256, 480000),
}


def graph_seconds(call, inputs, launches):
    """Median seconds of one call."""
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for x in inputs[:2]:
            call(x)
    stream.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for i in range(launches):
            call(inputs[i % len(inputs)])
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    times = []
    for _ in range(REPLAYS + 1):
        begin.record()
        graph.replay()
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end) * 1e-3 / launches)
    return statistics.median(times[1:])


def error(run, constants, x, got):
    """Largest distance of a row's powers from float64, relative to its largest one."""
    want = run(x.double().cpu(), *constants)
    got = got.double().cpu()
    if want.dim() == 3 and want.shape[-1] == 4:  # bins may swap places where powers are equal
        want, got = want[..., 1], got[..., 1]
    return ((got - want).abs().amax() / want.abs().amax()).item()


def measure(name, work, rows, samples):
    run, constants = work
    on_gpu = tuple(c.float().cuda() for c in constants)
    size = rows * samples * 4
    inputs = [torch.rand(rows, samples, device="cuda") * 2 - 1
              for _ in range(max(1, -(-ROTATED // size)))]
    launches = 5 if size > LARGE else 20
    line = f"{name:34s}"
    for how, call in (("eager", run),
                      ("compile", torch.compile(run, dynamic=False))):
        try:
            wrong = error(run, constants, inputs[0][:3], call(inputs[0], *on_gpu)[:3])
            seconds = graph_seconds(lambda x, call=call: call(x, *on_gpu), inputs, launches)
            line += f" torch {how} {seconds * 1e6:9.2f} us (error {wrong:.1e})"
        except Exception as failure:  # one way that fails costs only itself
            line += f" torch {how} failed: {str(failure).splitlines()[0]}"
    print(line, flush=True)


def main():
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}", flush=True)
    with torch.inference_mode():
        for name, (work, rows, samples) in WORKS.items():
            if word in name:
                measure(name, work, rows, samples)


if __name__ == "__main__":
    main()
