"""Files that would fill the memory, or that are none of what they say."""

import gzip
import json
from pathlib import Path

import pytest
from zones import SPEC, run

# One process reads what reading needs, caps its address space, and forks a child for each file.
BOMB_DRIVER = """
import json, os, resource, sys
from pathlib import Path
from mlops_assets.decode.errors import DecodeError
from mlops_assets.decode.table import decode_batch
from mlops_assets.spec import UseCase
import pandas, pyarrow.parquet, orjson

spec, folder, bombs = json.loads(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
decode_batch(b"weight,minutes\\n1,2\\n", UseCase.model_validate(spec))
resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
for name, keys in bombs.items():
    child = os.fork()
    if child == 0:
        before = peak()
        try:
            decode_batch((folder / name).read_bytes(), UseCase.model_validate(spec | keys))
            code = "read"
        except DecodeError as error:
            code = error.code
        print(json.dumps([name, code, peak() - before]), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""

JSON = {"format": {"kind": "json_lines"}}
HEAD = b"weight,minutes\n"
BOMBS = {
    "a million columns": (
        lambda: b",".join(b"c%d" % number for number in range(10**6)) + b"\n",
        {},
        "too_many_columns",
    ),
    "a line of 100 MB": (lambda: HEAD + b"1" * 10**8, {}, "line_too_long"),
    "a row of a million values": (lambda: HEAD + b"1,2\n" + b"1," * 500_000 + b"\n", {}, "malformed"),
    "gzip a thousandfold": (lambda: gzip.compress(HEAD + b"1,2\n" * 25_000_000, 9), {}, "expands_too_much"),
    "another encoding": (lambda: HEAD + "1,2 €\n".encode("cp1252"), {}, "wrong_encoding"),
    "NUL bytes": (lambda: HEAD + b"1,\x002\n", {}, "nul_bytes"),
    "an open quote": (lambda: HEAD + b'1,"2\n' + b"1,2\n" * 10**6, {}, "malformed"),
    "ten million rows": (lambda: HEAD + b"1,2\n" * 10**7, {}, "too_many_rows"),
    "JSON a hundred thousand deep": (
        lambda: b'{"weight": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        JSON,
        "malformed",
    ),
    "a million JSON names": (
        lambda: b"\n".join(b'{"n%d": 1}' % number for number in range(10**6)),
        JSON,
        "too_many_columns",
    ),
}


@pytest.mark.slow
def test_a_bomb_is_refused_with_a_code_and_little_memory(tmp_path: Path) -> None:
    for name, (make, _, _) in BOMBS.items():
        (tmp_path / name).write_bytes(make())
    keys = json.dumps({name: keys for name, (_, keys, _) in BOMBS.items()})
    lines = run(BOMB_DRIVER, json.dumps(SPEC), str(tmp_path), keys).splitlines()
    found = {name: (code, grown_mb) for name, code, grown_mb in map(json.loads, lines)}
    assert {name: code for name, (code, _) in found.items()} == {name: code for name, (_, _, code) in BOMBS.items()}
    assert max(grown_mb for _, grown_mb in found.values()) < 200
