#!/usr/bin/env python3
"""One training step of a radix-2 butterfly network in PyTorch, on a GPU: forward, loss, backward
and Adam on rows that lie in its memory. What bench_cuda's row "training step" is held against.

    python3 -m venv venv && venv/bin/pip install torch
    venv/bin/python bench/cuda/torch_step.py [--n 256] [--batch 4096] [--ours MICROSECONDS]

Stages are reshaped tensors. Each way of writing and running them is measured; the best counts, and
is to be ten times `ours` at least.
"""

import argparse
import statistics
import sys

import torch


def bit_reversal(n):
    bits = n.bit_length() - 1
    return [int(f"{i:0{bits}b}"[::-1], 2) for i in range(n)]


def complex_network(x, twiddles):
    """x [batch, n] in the order of the first stage; twiddles [stage][n/2], all complex."""
    batch, n = x.shape
    stride = 1
    for w in twiddles:
        pairs = x.view(batch, n // (2 * stride), 2, stride)
        turned = pairs[:, :, 1] * w.view(n // (2 * stride), stride)
        x = torch.stack((pairs[:, :, 0] + turned, pairs[:, :, 0] - turned), dim=2).view(batch, n)
        stride *= 2
    return x


def parts_network(x, twiddles):
    """The same with re and im apart, [batch, n] each: what compilers fuse best."""
    re, im = x
    batch, n = re.shape
    stride = 1
    for w in twiddles:
        shape = (batch, n // (2 * stride), 2, stride)
        re, im = re.view(shape), im.view(shape)
        wr, wi = w.view(n // (2 * stride), stride, 2).unbind(-1)
        turned_re = re[:, :, 1] * wr - im[:, :, 1] * wi
        turned_im = re[:, :, 1] * wi + im[:, :, 1] * wr
        re = torch.stack((re[:, :, 0] + turned_re, re[:, :, 0] - turned_re), dim=2).view(batch, n)
        im = torch.stack((im[:, :, 0] + turned_im, im[:, :, 0] - turned_im), dim=2).view(batch, n)
        stride *= 2
    return re, im


def complex_loss(x, t, twiddles):
    error = torch.view_as_real(complex_network(x, twiddles) - t)
    return error.square().sum() / (x.shape[0] * x.shape[1])


def parts_loss(x, t, twiddles):
    y = parts_network(x, twiddles)
    errors = ((a - b).square().sum() for a, b in zip(y, t))
    return sum(errors) / (x[0].shape[0] * x[0].shape[1])


def seconds_of(step, turns=60):
    """Median of a step, by events; the first turns compile."""
    for turn in range(12):
        step(turn)
    torch.cuda.synchronize()
    times = []
    for turn in range(turns):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        step(turn)
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end) * 1e-3)
    return statistics.median(times)


def measure(name, loss_of, parts, mode, n, batch):
    order = torch.tensor(bit_reversal(n), device="cuda")
    data = []
    for _ in range(8):
        x = torch.randn(batch, n, dtype=torch.complex64, device="cuda")
        t = torch.fft.fft(x)
        x = x[:, order].contiguous()
        if parts:
            x, t = ((z.real.contiguous(), z.imag.contiguous()) for z in (x, t))
        data.append((x, t))
    stages = n.bit_length() - 1
    angles = [torch.rand(n // 2, device="cuda") * 6.283185 for _ in range(stages)]
    values = [torch.polar(torch.ones_like(a), a) for a in angles]
    twiddles = [torch.view_as_real(v).clone() if parts else v for v in values]
    twiddles = [w.requires_grad_() for w in twiddles]
    optimiser = torch.optim.Adam(twiddles, lr=1e-3, fused=parts)
    run = loss_of if mode is None else torch.compile(loss_of, mode=mode)

    def step(turn):
        x, t = data[turn % len(data)]
        optimiser.zero_grad(set_to_none=True)
        run(x, t, twiddles).backward()
        optimiser.step()

    seconds = seconds_of(step)
    print(f"{name:34s} {seconds * 1e6:9.2f} us", flush=True)
    return seconds


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--n", type=int, default=256)
    options.add_argument("--batch", type=int, default=4096)
    options.add_argument("--ours", type=float)
    given = options.parse_args()
    if not torch.cuda.is_available():
        sys.exit("torch_step: PyTorch sees no GPU here")
    torch.manual_seed(1)
    print(f"torch {torch.__version__}, {torch.cuda.get_device_name()}")
    ways = [
        ("complex, eager", complex_loss, False, None),
        ("re and im, eager", parts_loss, True, None),
        ("complex, compile", complex_loss, False, "default"),
        ("re and im, compile", parts_loss, True, "default"),
        ("re and im, compile, CUDA graphs", parts_loss, True, "reduce-overhead"),
    ]
    times = []
    for name, loss_of, parts, mode in ways:
        try:
            times.append(measure(name, loss_of, parts, mode, given.n, given.batch))
        except Exception as error:  # noqa: BLE001: one way that fails leaves the others
            print(f"{name:34s} failed: {error}", flush=True)
    best = min(times) * 1e6
    print(f"best {best:.2f} us")
    if given.ours:
        ratio = best / given.ours
        verdict = "met" if ratio >= 10 else "missed"
        print(f"training step: {ratio:.1f} of Papilio's {given.ours:.2f} us, target 10: {verdict}")


if __name__ == "__main__":
    main()
