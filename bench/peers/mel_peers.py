"""Whisper's log-mel of a clip of 30 s, as its users compute it with numpy, librosa and torch."""

import sys

import clock  # before numpy and torch: it sets their threads
import librosa
import numpy as np
import scipy.fft
import scipy.signal

RATE, SAMPLES, N, HOP, BANDS = 16000, 30 * 16000, 400, 160, 80
TOLERANCE = 2e-4  # largest difference, in whisper's units


def log_mel(mel, maximum, log10, largest):
    """Whisper's last steps, in any array library."""
    logs = log10(maximum(mel, 1e-10))
    return (maximum(logs, largest(logs) - 8.0) + 4.0) / 4.0


def numpy_mel(x, bank, window):
    """Strided frames, scipy's real FFT, one matrix product; in the precision of x."""
    def run():
        padded = np.pad(x, N // 2, mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(padded, N)[::HOP][:-1]
        bins = scipy.fft.rfft(frames * window)
        power = bins.real ** 2
        power += bins.imag ** 2
        return log_mel(bank @ power.T, np.maximum, np.log10, np.max)
    return run


def librosa_mel(x):
    def run():
        mel = librosa.feature.melspectrogram(y=x, sr=RATE, n_fft=N, hop_length=HOP, n_mels=BANDS,
                                             pad_mode="reflect")[:, :-1]
        return log_mel(mel, np.maximum, np.log10, np.max)
    return run


def torch_mel(torch, x, bank):
    """As whisper's own log_mel_spectrogram."""
    audio, filters, window = torch.from_numpy(x), torch.from_numpy(bank), torch.hann_window(N)

    def run():
        stft = torch.stft(audio, N, HOP, window=window, return_complex=True)
        logs = torch.clamp(filters @ (stft[..., :-1].abs() ** 2), min=1e-10).log10()
        return (torch.maximum(logs, logs.max() - 8.0) + 4.0) / 4.0
    return run


def torchaudio_mel(torch, x):
    try:
        import torchaudio
    except (ImportError, OSError, RuntimeError) as error:  # it refuses a torch of another build
        print(f"peers: no torchaudio ({error}); going on without", file=sys.stderr)
        return None
    audio = torch.from_numpy(x)
    mel = torchaudio.transforms.MelSpectrogram(RATE, n_fft=N, hop_length=HOP, n_mels=BANDS,
                                               norm="slaney", mel_scale="slaney")

    def run():
        logs = torch.clamp(mel(audio)[..., :-1], min=1e-10).log10()
        return (torch.maximum(logs, logs.max() - 8.0) + 4.0) / 4.0
    return run


def bench(results, torch, _options):
    x = clock.noise(1, SAMPLES)[0]
    window = scipy.signal.get_window("hann", N)
    bank = librosa.filters.mel(sr=RATE, n_fft=N, n_mels=BANDS, dtype=np.float64)
    reference = numpy_mel(x.astype(np.float64), bank, window)()
    bank32 = bank.astype(np.float32)
    runs = {"numpy": numpy_mel(x, bank32, window.astype(np.float32)), "librosa": librosa_mel(x)}
    if torch:
        runs["torch"] = torch_mel(torch, x, bank32)
        audio = torchaudio_mel(torch, x)
        if audio:
            runs["torchaudio"] = audio
    for peer, run in runs.items():
        results.add(f"mel/{peer}/n:{N}/batch:1", run,
                    lambda y: float(np.max(np.abs(np.asarray(y) - reference))), TOLERANCE, 1)
