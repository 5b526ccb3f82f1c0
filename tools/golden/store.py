"""Writes golden files with the same bytes for the same content."""

import io
import json
import pathlib
import zipfile

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "tests" / "data" / "golden"


def save(name, arrays, about):
    """One compressed .npz: `arrays`, and `about` as JSON text under the key `about`."""
    arrays = {**arrays, "about": np.array(json.dumps(about, sort_keys=True))}
    with zipfile.ZipFile(FOLDER / name, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for key, value in arrays.items():
            body = io.BytesIO()
            np.save(body, value, allow_pickle=False)
            entry = zipfile.ZipInfo(key + ".npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, body.getvalue())
    print(name, (FOLDER / name).stat().st_size, "bytes")
