"""The vectors, and both directions between Python and Rust."""

from __future__ import annotations

import itertools
import sys
import traceback

import rust
import vectors
from sluis_envelope.encoding import Refused


def main() -> int:
    """Runs all checks; the exit code."""
    passed, failed = 0, 0
    for name, check in itertools.chain(vectors.checks(), rust.checks()):
        try:
            check()
        except (AssertionError, Refused) as error:
            failed += 1
            print(f"FAILED {name}: {error}")
        except Exception:
            failed += 1
            print(f"FAILED {name}")
            traceback.print_exc(file=sys.stdout)
        else:
            passed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
