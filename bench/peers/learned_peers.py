"""A step of training of a radix-2 butterfly network in torch: forward, loss, backward, Adam. Stages
are tensor operations on [B, groups, 2, m], as users write them: on complex numbers, or on real and
imaginary parts, which torch.compile fuses; each eager and compiled, on two threads."""

import sys

import clock  # before numpy and torch: it sets their threads
import numpy as np

N, BATCH, THREADS = 256, 256, 2
TOLERANCE = 4e-6
SIGMA = 0.3  # radians that the first twiddles are off


def first_twiddles():
    """Perturbed ones of each stage, [groups, m]."""
    angles = np.random.default_rng(1).normal(0, SIGMA, (N.bit_length() - 1, N // 2))
    stages, m = [], 1
    for turn in angles:
        exact = np.exp(-2j * np.pi * np.arange(m) / (2 * m))
        stages.append((exact * np.exp(1j * turn).reshape(-1, m)).astype(np.complex64))
        m *= 2
    return stages


def bit_reversal():
    bits = N.bit_length() - 1
    return np.array([int(f"{i:0{bits}b}"[::-1], 2) for i in range(N)])


def reference_gradient(stages, x, t):
    """dL/d(re w) + i dL/d(im w) of the first step, stage after stage, in double."""
    y, kept = x[:, bit_reversal()].astype(np.complex128), []
    for w in stages:
        pairs = y.reshape(len(y), w.shape[0], 2, w.shape[1])
        kept.append(pairs[:, :, 1])
        product = w.astype(np.complex128) * pairs[:, :, 1]
        y = np.stack([pairs[:, :, 0] + product, pairs[:, :, 0] - product], 2).reshape(y.shape)
    g, gradients = 2 * (y - t) / y.size, []
    for w, second in zip(reversed(stages), reversed(kept)):
        pairs = g.reshape(len(g), w.shape[0], 2, w.shape[1])
        back = pairs[:, :, 0] - pairs[:, :, 1]
        gradients.append((back * second.conj()).sum(0))
        g = np.stack([pairs[:, :, 0] + pairs[:, :, 1], back * w.conj()], 2).reshape(g.shape)
    return np.concatenate([part.ravel() for part in reversed(gradients)])


def complex_loss(torch, order):
    def loss(stages, x, t):
        y = x[:, order]
        for w in stages:
            pairs = y.view(len(y), w.shape[0], 2, w.shape[1])
            product = w * pairs[:, :, 1]
            y = torch.stack([pairs[:, :, 0] + product, pairs[:, :, 0] - product], 2)
        return torch.view_as_real(y.view(x.shape) - t).square().sum() / t.numel()
    return loss


def real_loss(torch, order):
    """The same with the parts apart; stages are pairs (re, im)."""
    def loss(stages, x, t):
        re, im = x[0][:, order], x[1][:, order]
        for w_re, w_im in stages:
            shape = (len(re), w_re.shape[0], 2, w_re.shape[1])
            (a, b), (c, d) = re.view(shape).unbind(2), im.view(shape).unbind(2)
            p, q = w_re * b - w_im * d, w_re * d + w_im * b
            re, im = torch.stack([a + p, a - p], 2), torch.stack([c + q, c - q], 2)
        shape = t[0].shape
        error = (re.view(shape) - t[0]).square().sum() + (im.view(shape) - t[1]).square().sum()
        return error / t[0].numel()
    return loss


def step_of(torch, loss, stages, x, t):
    """One step, and the gradient it made."""
    leaves = [part for stage in stages for part in
              (stage if isinstance(stage, tuple) else (stage,))]
    adam = torch.optim.Adam(leaves, lr=1e-6, fused=not torch.is_complex(leaves[0]))

    def run():
        adam.zero_grad(set_to_none=True)
        loss(stages, x, t).backward()
        adam.step()
        return leaves
    return run


def gradient_of(leaves):
    flat = [leaf.grad.numpy().ravel() for leaf in leaves]
    if np.iscomplexobj(flat[0]):
        return np.concatenate(flat)
    return np.concatenate([re + 1j * im for re, im in zip(flat[0::2], flat[1::2])])


def contenders(torch, twiddles, x, t):
    order = torch.from_numpy(bit_reversal())

    def leaf(array):
        return torch.from_numpy(np.array(array)).requires_grad_(True)

    def parts(array):
        return tuple(torch.from_numpy(np.array(part)) for part in (array.real, array.imag))

    made = {"": (complex_loss, lambda: [leaf(w) for w in twiddles], torch.from_numpy),
            "_parts": (real_loss, lambda: [(leaf(w.real), leaf(w.imag)) for w in twiddles], parts)}
    for ending, (loss, stages, rows) in made.items():
        plain = loss(torch, order)
        yield "torch" + ending, step_of(torch, plain, stages(), rows(x), rows(t))
        yield ("torch_compiled" + ending,
               step_of(torch, torch.compile(plain), stages(), rows(x), rows(t)))


def bench(results, torch, _options):
    if torch is None:
        return
    torch.set_num_threads(THREADS)
    torch.set_grad_enabled(True)
    twiddles = first_twiddles()
    x, t = clock.complex_noise(BATCH, N), clock.complex_noise(BATCH, 2 * N)[:, N:].copy()
    want = reference_gradient(twiddles, x, t)[None]
    for name, run in contenders(torch, twiddles, x, t):
        try:
            results.add(f"train_step/{name}/n:{N}/batch:{BATCH}", run,
                        lambda leaves: clock.row_error(gradient_of(leaves)[None], want),
                        TOLERANCE, BATCH)
        except Exception as failure:  # noqa: BLE001: torch.compile needs a compiler
            print(f"peers: {name} failed: {failure}", file=sys.stderr)
