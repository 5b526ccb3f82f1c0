"""Conditions on peaks in the output's unit: linear, or decibels with --db."""

import json

import pytest


def options(here, *flags):
    line = here.run("peaks", here.wav(), *flags, "--json").text
    return json.loads(line)["meta"]["definition"]["options"]


def test_a_bare_height_is_of_the_outputs_unit(here):
    assert options(here, "--height", "0.001")["height"] == 0.001
    assert options(here, "--height", "-30dB")["height"] == pytest.approx(0.001)
    assert options(here, "--db", "--height", "-30")["height"] == pytest.approx(0.001)
    assert options(here, "--height", "-30", "--db")["height"] == pytest.approx(0.001)
    assert options(here, "--db", "--height", "-30dB")["height"] == pytest.approx(0.001)


def test_a_height_in_decibels_keeps_what_is_above_it(here):
    here.run("peaks", here.wav(), "--db", "--height", "-40", "-k", "16", "-o", "r.npz")
    r = here.npz("r.npz")
    powers = r["data"][0, : r["count"][0], 1]
    assert r["count"][0] >= 1 and (powers >= -40).all()


@pytest.mark.parametrize("flag", ["--threshold", "--prominence"])
def test_a_bare_difference_needs_a_linear_output(here, flag):
    here.fails("peaks", here.wav(), "--db", flag, "3", code=2,
               words=(flag, "difference of linear powers", "-60dB"))
    name = flag[2:]
    assert options(here, flag, "0.25")[name] == 0.25
    assert options(here, "--db", flag, "-30dB")[name] == pytest.approx(0.001)


def test_a_result_in_decibels_brings_its_unit_along(here):
    here.run("peaks", here.wav(), "--db", "-o", "r.json")
    assert options(here, "--like", "r.json", "--height", "-30")["height"] == pytest.approx(0.001)
