"""`papilio mel --like kaldi` against kaldi-native-fbank, which computes in float32."""

import kaldi_native_fbank
import numpy as np
import pytest
import soundfile

from errors import expect_logs
from program import flags_of
from test_mel import voice

# Of the float32 oracle, in ln: 1e-3 down to 1e-4 of the frame's largest band, 5e-3 below.
TIERS = ((1e-4, 1e-3), (1e-6, 5e-3), (1e-8, 5e-3))
WINDOWS = {"povey": "povey", "hann:sym": "hanning", "hamming:sym": "hamming",
           "boxcar": "rectangular"}


def random_case(seed):
    rng = np.random.default_rng(seed)
    rate = int(rng.choice([8000, 16000, 11025, 22050, 44100]))
    return rng, {
        "fs": rate,
        "n_mels": int(rng.integers(10, 41)),
        "fmin": float(rng.choice([20.0, 60.0, 0.0])),
        "fmax": float(rng.choice([0.0, -200.0, 0.45 * rate])),
        "window": str(rng.choice(list(WINDOWS))),
        "preemphasis": float(rng.choice([0.97, 0.0, 0.5])),
        "snip_edges": bool(rng.random() < 0.5),
    }


def kaldi(wave, s, use_log=True):
    """[frames, bands] by kaldi-native-fbank, of samples at int16 scale."""
    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither = 0.0
    options.frame_opts.samp_freq = s["fs"]
    options.frame_opts.snip_edges = s["snip_edges"]
    options.frame_opts.preemph_coeff = s["preemphasis"]
    options.frame_opts.window_type = WINDOWS[s["window"]]
    options.mel_opts.num_bins = s["n_mels"]
    options.mel_opts.low_freq = s["fmin"]
    options.mel_opts.high_freq = s["fmax"]
    options.use_log_fbank = use_log
    fbank = kaldi_native_fbank.OnlineFbank(options)
    fbank.accept_waveform(s["fs"], (wave.astype(np.float32) * 32768).tolist())
    fbank.input_finished()
    return np.stack([fbank.get_frame(i) for i in range(fbank.num_frames_ready)])


def expect_frames(got, wave, settings):
    want = kaldi(wave, settings).astype(np.float64)
    power = kaldi(wave, settings, use_log=False).astype(np.float64)
    expect_logs(got.T, want.T, power.T, tiers=TIERS)


@pytest.mark.parametrize("seed", range(60))
def test_random_settings(bench, seed):
    rng, settings = random_case(seed)
    samples = settings["fs"] // 20 + int(rng.integers(0, settings["fs"]))
    wave = voice(rng, settings["fs"], samples)[0].astype(np.float32)
    result = bench.compute("mel", wave, "--like", "kaldi", *flags_of(**settings))
    expect_frames(result["data"][0], wave, settings)


DEFAULTS = {"fs": 16000, "n_mels": 23, "fmin": 20.0, "fmax": 0.0, "window": "povey",
            "preemphasis": 0.97, "snip_edges": True}


def test_defaults(bench):
    wave = voice(np.random.default_rng(1), 16000, 16000)[0].astype(np.float32)
    result = bench.compute("mel", wave, "--like", "kaldi", "--fs", "16000")
    assert result["data"].shape == (1, 98, 23)
    expect_frames(result["data"][0], wave, DEFAULTS)
    np.testing.assert_allclose(result["times"][:2], [0.0125, 0.0225])


def test_audio_files_are_brought_to_int16_scale(bench):
    wave = voice(np.random.default_rng(2), 16000, 12000)[0]
    path = bench.folder / "voice.wav"
    soundfile.write(path, wave, 16000, subtype="PCM_16")
    read, _ = soundfile.read(path, dtype="float32")
    expect_frames(bench.compute("mel", path, "--like", "kaldi")["data"][0], read, DEFAULTS)


def test_unit_scale_is_the_other_convention(bench):
    wave = voice(np.random.default_rng(3), 16000, 12000)[0].astype(np.float32)
    whole = (wave * 32768).astype(np.float32)
    result = bench.compute("mel", whole, "--like", "kaldi", "--fs", "16000",
                           "--kaldi-scale", "unit")
    expect_frames(result["data"][0], wave, DEFAULTS)
