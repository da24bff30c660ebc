"""Content Credentials (C2PA) of a file, by the package `c2pa-python` (the extra `c2pa`).

They are read by another process, which ends if it takes too long: the file comes from strangers,
and the package is compiled code. Nothing is fetched from the network.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from avdf.pipeline.statement.file_statement import Credentials

_MISSING = "the package c2pa-python is missing; `pip install 'avdf[c2pa]'`"
_MOST_ACTIONS = 30
_LONGEST = 300  # characters of a text that the file states
# Says that nobody has told the package which certificates to trust. That is true of every file.
_UNTRUSTED = "signingCredential.untrusted"
_GOOD = ("Valid", "Trusted")


def read_credentials(path: Path, timeout: float) -> Credentials:
    """The Content Credentials of a file; where they cannot be read, `notes` says why."""
    if find_spec("c2pa") is None:
        return Credentials("not read", notes=(_MISSING,))
    # -P: modules of the working folder, which may come from strangers too, are not imported.
    command = [sys.executable, "-P", "-m", "avdf.pipeline.statement.credential_reader"]
    try:
        done = subprocess.run(
            [*command, str(path.absolute())],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        why = f"the package did not answer within {timeout:.0f} s"
        return Credentials("not read", notes=(why,))
    except ValueError:
        return Credentials("not read", notes=(f"ended with code {done.returncode}",))
    return interpret(answer)


def interpret(answer: Any) -> Credentials:
    """The answer of `credential_reader` as a record. The file decides about all texts in it."""
    if not isinstance(answer, dict):
        return Credentials("not read", notes=("no answer",))
    if "none" in answer:
        return Credentials("none")
    if "error" in answer:
        return Credentials("not read", notes=(_reason(_text(answer["error"])),))
    store = _dictionary(answer.get("store"))
    active = _dictionary(
        _dictionary(store.get("manifests")).get(str(store.get("active_manifest")))
    )
    signature = _dictionary(active.get("signature_info"))
    is_valid = store.get("validation_state") in _GOOD
    return Credentials(
        state="valid" if is_valid else "invalid",
        signer=_signer(signature),
        signed=_text(signature.get("time")),
        generator=_generator(active),
        actions=tuple(_actions(active))[:_MOST_ACTIONS],
        notes=tuple(_remarks(store)),
    )


def _reason(error: str) -> str:
    """Why the package gave nothing."""
    if "must fetch remote" in error:
        return f"they are on the network, and nothing is fetched ({error.rpartition(' ')[2]})"
    if "NotSupported" in error:
        return "the package cannot read them from this container"
    return error


def _signer(signature: dict[str, Any]) -> str:
    names = [_text(signature.get("common_name")), _text(signature.get("issuer"))]
    return ", ".join(name for name in names if name)


def _generator(active: dict[str, Any]) -> str:
    infos = active.get("claim_generator_info")
    names = []
    for info in infos if isinstance(infos, list) else []:
        one = _dictionary(info)
        names.append(f"{_text(one.get('name'))} {_text(one.get('version'))}".strip())
    return ", ".join(names) or _text(active.get("claim_generator"))


def _actions(active: dict[str, Any]) -> Iterator[str]:
    """`c2pa.created (trainedAlgorithmicMedia)` and so on."""
    assertions = active.get("assertions")
    for assertion in assertions if isinstance(assertions, list) else []:
        one = _dictionary(assertion)
        if not _text(one.get("label")).startswith("c2pa.actions"):
            continue
        actions = _dictionary(one.get("data")).get("actions")
        for action in actions if isinstance(actions, list) else []:
            done = _dictionary(action)
            # A web address, whose last part is the name of the kind.
            kind = _text(done.get("digitalSourceType")).rpartition("/")[2]
            name = _text(done.get("action"))
            yield f"{name} ({kind})" if kind else name


def _remarks(store: dict[str, Any]) -> Iterator[str]:
    remarks = store.get("validation_status")
    for remark in remarks if isinstance(remarks, list) else []:
        one = _dictionary(remark)
        code = _text(one.get("code"))
        if code == _UNTRUSTED:
            yield "the certificate of the signer was not compared with a list of trusted ones"
        else:
            yield f"{code}: {_text(one.get('explanation'))}"


def _dictionary(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""
