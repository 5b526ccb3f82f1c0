"""papilio bench: results are checked and named, a failed cell costs only itself, and what no
machine could measure is a usage error."""

import json
import re

import pytest

from cli import NO_DRIVER, emulated

NAME = re.compile(r"\w+/papilio(_plan)?/n:\d+/batch:\d+(/segments:\d+)?(/k:\d+)?(/\w+:\w+)*$")
QUICK = ("--seconds", "0.001")


def results(here, name="f.json"):
    return json.loads((here / name).read_text())["benchmarks"]


def test_fft_in_the_schema_of_google_benchmark(here):
    done = here.run("bench", "fft", "--n-fft", 64, "--batch", 32, "--json", "f.json", *QUICK)
    assert "fft_r2c/papilio/n:64/batch:32 " in done.text
    entries = results(here)
    assert [e["name"] for e in entries] == [
        f"{work}/papilio/n:64/batch:32" for work in ("fft_r2c", "fft_c2c", "fft_c2c_inverse")]
    for entry in entries:
        assert entry["run_name"] == entry["name"] and entry["run_type"] == "iteration"
        assert entry["time_unit"] == "ns" and entry["iterations"] >= 7
        assert 0 < entry["real_time_p10"] <= entry["real_time"] <= entry["real_time_p90"]
        assert entry["cpu_time"] > 0 and entry["error"] <= 4e-7
    context = json.loads((here / "f.json").read_text())["context"]
    assert context["num_cpus"] >= 1 and context["cpu"] and context["isa"]


def test_grids_and_variants(here):
    here.run("bench", "fft", "--n-fft", "16-64,100", "--batch", "1,3", "--isa", "scalar",
             "--threads", "1,2", "--json", "f.json", *QUICK)
    entries = results(here)
    assert len(entries) == 3 * 4 * 2 * 2
    assert all(NAME.match(e["name"]) and "/isa:scalar" in e["name"] for e in entries)
    assert sum(e["name"].endswith("/threads:2") for e in entries) == len(entries) / 2


@pytest.mark.parametrize("question, works", [
    ("welch", {"welch"}), ("peaks", {"peaks_bins", "peaks_peaks"})])
def test_features(here, question, works):
    here.run("bench", question, "--n-fft", 64, "--batch", 5, "--segments", "1,3", "--json",
             "f.json", *QUICK)
    names = [e["name"] for e in results(here)]
    assert {name.split("/")[0] for name in names} == works
    assert all(NAME.match(name) and "/segments:" in name for name in names)
    assert len(names) == 4 * len(works)


def test_mel(here):
    here.run("bench", "mel", "--json", "f.json", *QUICK)
    assert {e["name"] for e in results(here)} == {
        "mel/papilio/n:400/batch:1", "mel/papilio_plan/n:400/batch:1"}


def test_a_failed_cell_costs_only_itself(here):
    done = here.run("bench", "peaks", "--n-fft", 64, "--batch", 3, "--k", "4,400", "--json",
                    "f.json", *QUICK, code=1)
    assert "400" in done.error and done.text.count("FAILED") == 2
    failed = [e for e in results(here) if e.get("error_occurred")]
    assert [e["name"] for e in failed] == [
        f"{work}/papilio/n:64/batch:3/segments:2/k:400" for work in ("peaks_bins", "peaks_peaks")]
    assert all("real_time" not in e and "400" in e["error_message"] for e in failed)
    assert len(results(here)) == 6


def test_page(here):
    here.run("bench", "fft", "--n-fft", "16-64", "--batch", "1,4", "--html", "p.html", *QUICK)
    page = (here / "p.html").read_text()
    assert "Speed against n" in page and "Speed against rows" in page and "GFLOP/s" in page


def test_on_a_gpu(here):
    done = here.run("bench", "peaks", "--device", "cuda:0", "--n-fft", 16, "--batch", 2, "--k", 4,
                    "--json", "f.json", *QUICK, env=emulated())
    assert done.text.startswith("Fake GPU 0, driver 13.0\n")
    ways = [e["name"].removeprefix(f"{work}/").replace("/n:16/batch:2/segments:2/k:4", "")
            for work in ("peaks_bins", "peaks_peaks") for e in results(here)
            if e["name"].startswith(work)]
    assert ways == 2 * [f"{name}/device:cuda:0" for name in
                        ("papilio", "papilio_plan", "papilio_plan/from:device",
                         "papilio_plan/from:pinned")]
    # Events of the tests' driver are a millisecond apart: 100 launches of two rows.
    times = {e["name"].split("/from:")[-1]: e["real_time"] for e in results(here)}
    assert times["device/device:cuda:0"] == pytest.approx(1e6 / 100 / 2)
    context = json.loads((here / "f.json").read_text())["context"]
    assert context["gpu"]["name"] == "Fake GPU 0" and context["gpu"]["cufft"] is None


def test_without_a_gpu_nothing_is_measured(here):
    here.fails("bench", "fft", "--device", "cuda", code=1, words=("no CUDA driver",),
               env=NO_DRIVER)


@pytest.mark.parametrize("arguments, words", [
    ((), ("no QUESTION", "fft")),
    (("ftf",), ("'ftf' is unknown", "mel")),
    (("fft", "--n-fft", "0"), ("--n-fft '0'", "64-4096")),
    (("fft", "--n-fft", "100-90"), ("'100-90'",)),
    (("fft", "--batch", "1,,2"), ("--batch '1,,2'",)),
    (("fft", "--isa", "mmx"), ("--isa 'mmx' cannot run here",)),
    (("fft", "--threads", "5000"), ("--threads 5000", "1024")),
    (("fft", "--device", "cude"), ("'cude' is no device to measure", "did you mean cuda")),
    (("fft", "--device", "cuda", "--isa", "scalar"), ("--isa has no effect on --device cuda",)),
    (("fft", "--seconds", "0"), ("--seconds '0'",)),
    (("fft", "--segments", "2"), ("--segments has no effect on fft",)),
    (("welch", "--k", "2"), ("--k has no effect on welch",)),
    (("fft", "--json", "x", "--html", "x"), ("the same file",)),
])
def test_refusals(here, arguments, words):
    here.fails("bench", *arguments, code=2, words=words)
    assert here.names() == []
