"""Errors as docs/definitions.md measures them: per row, per frame, never over a batch."""

import numpy as np

# Whisper units (a quarter of log10): largest error of a band whose power is at least so much of the
# frame's largest. An ln output has TEN times these, decibels FORTY times.
LOG_TIERS = ((1e-4, 1e-5), (1e-6, 5e-5), (1e-8, 2e-4))


def row_errors(got, want):
    """||got - want|| / ||want|| of each row (last axis); rows of zeros must be zeros."""
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape, (got.shape, want.shape)
    assert np.isfinite(got).all()
    size = np.linalg.norm(want, axis=-1)
    error = np.linalg.norm(got.astype(want.dtype) - want, axis=-1)
    assert (error[size == 0] == 0).all(), "a row of zeros has a result"
    return error / np.where(size == 0, 1, size)


def expect_rows(got, want, bound, note=""):
    errors = row_errors(got, want)
    assert errors.size and errors.max() <= bound, f"{errors.max():.3g} > {bound:.3g} {note}"


def expect_logs(got, want, power, unit=1.0, tiers=LOG_TIERS):
    """Log features [bands, frames] within the tiers times `unit`; `power` says which tier."""
    assert got.shape == want.shape == power.shape, (got.shape, want.shape, power.shape)
    assert np.isfinite(got).all()
    error = np.abs(got - want)
    largest = power.max(axis=0, keepdims=True)
    rest = largest > 0
    for share, bound in tiers:
        tier = rest & (power >= share * largest)
        rest = rest & ~tier
        if tier.any():
            worst = error[tier].max()
            assert worst <= unit * bound, f"{worst:.3g} > {unit * bound:.3g} down to {share:.0e}"
