"""A process that reads the Content Credentials of one file and prints them as JSON.

It prints `{"store": ...}`, `{"none": true}` or `{"error": "..."}`.
"""

import json
import sys

# Nothing is fetched: who examines a file must not be seen by those who made it.
_OFFLINE = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}


def read(path: str) -> dict[str, object]:
    """The manifest store of a file as the package gives it."""
    try:
        import c2pa

        context = c2pa.Context.from_dict(_OFFLINE)
        reader = c2pa.Reader.try_create(path, context=context)
        if reader is None:
            return {"none": True}
        with reader:
            return {"store": json.loads(reader.json())}
    except Exception as error:
        # Whatever goes wrong in the package is told, not raised: its errors have many classes.
        return {"error": f"{type(error).__name__}: {error}"[:500]}


if __name__ == "__main__":
    print(json.dumps(read(sys.argv[1])))
