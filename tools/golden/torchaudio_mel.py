"""Golden vectors of the torchaudio profile, by torchaudio.transforms.MelSpectrogram in float64."""

import numpy as np
import torch
import torchaudio

import signals
import store

CASES = {
    "default": {"rate": 16000, "settings": {}},
    "settings": {"rate": 22050, "settings": {
        "n_fft": 512, "win_length": 300, "hop_length": 100, "n_mels": 40, "f_min": 60.0,
        "f_max": 9000.0, "norm": "slaney", "power": 1.0}},
    "slaney": {"rate": 8000, "settings": {
        "n_fft": 256, "hop_length": 128, "n_mels": 30, "mel_scale": "slaney",
        "pad_mode": "constant"}},
}


def main():
    # Its banks are made in the default type: in float32 their edges are 1e-5 off.
    torch.set_default_dtype(torch.float64)
    arrays = {}
    for name, case in CASES.items():
        wave = signals.speech_like(case["rate"], 0.3)
        mel = torchaudio.transforms.MelSpectrogram(sample_rate=case["rate"], **case["settings"])
        arrays[name + "_wave"] = wave
        arrays[name + "_mel"] = mel(torch.from_numpy(wave.astype(np.float64))).numpy()
    versions = {"torch": torch.__version__, "torchaudio": torchaudio.__version__,
                "numpy": np.__version__}
    store.save("torchaudio.npz", arrays, {"cases": CASES, "versions": versions,
                                          "made_by": "tools/golden/torchaudio_mel.py"})


if __name__ == "__main__":
    main()
