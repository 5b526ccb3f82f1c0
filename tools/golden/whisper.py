"""Golden vectors of the whisper profile, by transformers' WhisperFeatureExtractor (numpy path)."""

import numpy as np
import transformers
from transformers import WhisperFeatureExtractor

import signals
import store

RATE = 16000


def features(extractor, wave):
    """[bands, frames] as the extractor's own numpy code makes it, without padding the clip."""
    return extractor._np_extract_fbank_features(wave[None, :], "cpu")[0].astype(np.float32)


def padded(extractor, wave):
    """[bands, 3000]: the clip zero-filled to 30 s first, as the extractor does by default."""
    clip = extractor.pad(
        {"input_features": [wave[:, None]]}, padding="max_length",
        max_length=extractor.n_samples, truncation=True, return_tensors="np")
    return features(extractor, clip["input_features"][0][:, 0])


def main():
    narrow = WhisperFeatureExtractor(feature_size=80)
    wide = WhisperFeatureExtractor(feature_size=128)
    speech = signals.speech_like(RATE, 1.03)
    chirp = signals.chirp_in_noise(RATE, 0.8)
    # Of the 3000 padded frames: those with speech, the edge of the zeros, and the end.
    kept = np.r_[0:8, 96:108, 2996:3000]
    arrays = {
        "speech": speech,
        "chirp": chirp,
        "speech_80": features(narrow, speech),
        "chirp_128": features(wide, chirp),
        "speech_80_padded": padded(narrow, speech)[:, kept],
        "kept": kept,
        "filters_80": narrow.mel_filters.T[::13].astype(np.float64),
    }
    versions = {"transformers": transformers.__version__, "numpy": np.__version__}
    store.save("whisper.npz", arrays, {"rate": RATE, "versions": versions,
                                       "made_by": "tools/golden/whisper.py"})


if __name__ == "__main__":
    main()
