"""Input signals of the golden vectors: by formula, seeded, so no recording has to be stored."""

import numpy as np

SEED = 20240607


def speech_like(rate, seconds, seed=SEED):
    """Syllables of a gliding harmonic voice over soft noise, float32 within +-1."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(rate * seconds)) / rate
    pitch = 120.0 + 40.0 * np.sin(2 * np.pi * 0.8 * t) + 15.0 * np.sin(2 * np.pi * 3.1 * t)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    voice = sum(np.sin(k * phase + k * k) / k**1.2 for k in range(1, 25))
    syllables = np.clip(np.sin(2 * np.pi * 2.7 * t), 0.0, None) ** 2
    wave = 0.25 * syllables * voice + 0.003 * rng.standard_normal(t.size)
    return np.clip(wave, -1.0, 1.0).astype(np.float32)


def chirp_in_noise(rate, seconds, seed=SEED + 1):
    """A sweep from 50 Hz to 0.45 of the rate, loud and then soft, over soft noise, float32."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(rate * seconds)) / rate
    sweep = np.sin(2 * np.pi * (50.0 * t + (0.45 * rate - 50.0) * t * t / (2 * seconds)))
    wave = 0.8 * sweep * np.exp(-2.0 * t / seconds) + 1e-4 * rng.standard_normal(t.size)
    return wave.astype(np.float32)
