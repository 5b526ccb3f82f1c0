#!/usr/bin/env python3
"""One table per question and Papilio's targets, from the results that bench/run leaves in a folder:
summary.py [--json FILE] FOLDER. FILE gets all results in Google Benchmark's schema."""

import argparse
import json
import re
from pathlib import Path

from targets import targets

NAME = re.compile(r"(?P<work>\w+)/(?P<contender>\w+)/n:(?P<n>\d+)/batch:(?P<batch>\d+)"
                  r"(?:/segments:(?P<segments>\d+))?(?:/k:(?P<k>\d+))?(?P<variant>(?:/\w+:\w+)*)$")


class Results:
    """Times in ns per row, by the file they come from (one race), the cell and the contender."""

    def __init__(self, folder):
        self.context, self.benchmarks, self.times, self.failures = {}, [], {}, []
        for path in sorted(folder.glob("*.json"), key=lambda p: ("grid" not in p.name, p.name)):
            self.read(path)

    def read(self, path):
        if not path.stat().st_size:  # its program failed altogether and said why
            return
        content = json.loads(path.read_text())
        for key, value in content["context"].items():
            if key == "peers":
                self.context.setdefault(key, {}).update(value)
            else:
                self.context.setdefault(key, value)
        for entry in content["benchmarks"]:
            self.add(path.stem, entry)

    def add(self, race, entry):
        self.benchmarks.append(entry)
        if entry.get("error_occurred"):
            self.failures.append(f"{entry['name']}: {entry['error_message']}")
            return
        part = NAME.match(entry["name"]).groupdict()
        cell = (part["work"], *(int(part[key] or 0) for key in ("n", "batch", "segments", "k")))
        contender = part["contender"] + part["variant"]
        self.times.setdefault((race, cell), {})[contender] = entry["real_time"]

    def cells(self, race, work):
        """{cell: {contender: ns}} of one race; `race` such as "fft.grid" or "fft.peers"."""
        return {cell: times for (r, cell), times in self.times.items()
                if r == race and cell[0] == work}


def time_text(ns):
    return f"{ns:.1f}" if ns < 100 else f"{ns:.0f}" if ns < 1e5 else f"{ns / 1000:.0f}k"


def table(head, lines):
    widths = [max(len(line[i]) for line in (head, *lines)) for i in range(len(head))]
    for line in (head, *lines):
        print("  " + line[0].ljust(widths[0]) +
              "".join("  " + cell.rjust(width) for cell, width in zip(line[1:], widths[1:])))


def print_cells(results, question, work):
    """ns per row of every contender, and how many times longer than Papilio a peer takes."""
    cells = {}
    for race in (f"{question}.grid", f"{question}.long", f"{question}.peers"):
        for cell, times in results.cells(race, work).items():
            cells.setdefault(cell, {}).update(times)
    if not cells:
        return
    names = list(dict.fromkeys(name for times in cells.values() for name in times))
    lines = []
    for (_, n, batch, segments, _), times in cells.items():
        own = times.get("papilio")
        line = [f"n {n} x {batch}" + (f", {segments} segments" if segments else "")]
        for name in names:
            text = time_text(times[name]) if name in times else "-"
            if own and name in times and not name.startswith("papilio"):
                text += f" ({times[name] / own:.2f}x)"
            line.append(text)
        lines.append(line)
    print(f"\n{work}: ns per row (times Papilio's)")
    table([""] + names, lines)


def print_targets(results):
    lines = []
    for label, value, bound, higher, counts in targets(results):
        sign = ">=" if higher else "<="
        met = value >= bound if higher else value <= bound
        verdict = ("met" if met else "MISSED") if counts else "reported"
        lines.append([label, f"{sign} {bound:g}", f"{value:.2f}", verdict])
    if lines:
        print("\nTargets")
        table(["", "target", "measured", ""], lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    results = Results(options.folder)
    context = results.context
    print(f"\n{context.get('cpu', 'unknown')}, {context.get('isa', '-')}, "
          f"{context.get('compiler', '-')}, {context.get('library_version', '-')} "
          f"({context.get('commit', '-')}); one thread unless the name says more")
    for question, works in {"fft": ("fft_r2c", "fft_c2c", "fft_c2c_inverse"), "welch": ("welch",),
                            "peaks": ("peaks_bins", "peaks_peaks"), "mel": ("mel",),
                            "learned": ("learned_forward", "train_step")}.items():
        for work in works:
            print_cells(results, question, work)
    print_targets(results)
    for failure in results.failures:
        print(f"FAILED {failure}")
    if options.json:
        text = json.dumps({"context": context, "benchmarks": results.benchmarks}, indent=1)
        options.json.write_text(text + "\n")
    return 1 if results.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
