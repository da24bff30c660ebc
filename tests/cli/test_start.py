"""What a command imports on its way: only what it uses, since a user waits for it."""

import subprocess
import sys
from pathlib import Path

# Each of these costs between a tenth of a second and two.
HEAVY = {
    "fsspec",
    "huggingface_hub",
    "jinja2",
    "matplotlib",
    "numba",
    "numpy.ma",
    "open_clip.factory",
    "open_clip.model",
    "ray",
    "requests",
    "rich",
    "scipy",
    "sklearn",
    "sympy",
    "tiktoken",
    "timm",
    "torch._dynamo",
    "torch._inductor",
    "torch.onnx",
    "torchvision.datasets",
    "torchvision.models",
    "torchvision.ops.poolers",
    "transformers",
    "triton",
    "whisper.decoding",
    "whisper.transcribe",
}


def imported_by(*words: object) -> tuple[int, set[str]]:
    """The exit code of `avdf WORDS` in a fresh Python, and the modules that it has imported."""
    code = (
        "import sys\n"
        "from avdf.cli.main import app\n"
        "try:\n"
        "    app()\n"
        "except SystemExit as end:\n"
        "    print(*sys.modules)\n"
        "    raise\n"
    )
    command = [sys.executable, "-c", code, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, set(done.stdout.splitlines()[-1].split())


def test_a_verdict_on_a_file_imports_only_what_it_uses(
    run: Path, synthetic_manifest: Path
) -> None:
    clip = synthetic_manifest.parent / "p4_real.mp4"
    code, modules = imported_by("score", run, clip)
    # 3: the detector knows synthetic videos alone, so no verdict is given on any file.
    assert code in (0, 3)
    assert {"torch", "open_clip.transformer", "whisper.model"} <= modules
    assert not HEAVY & modules


def test_help_imports_neither_torch_nor_numpy() -> None:
    code, modules = imported_by("--help")
    assert code == 0
    assert not {"torch", "numpy", "h5py", "pydantic", "rich"} & modules


def test_the_help_of_a_command_imports_neither_torch_nor_numpy() -> None:
    code, modules = imported_by("score", "--help")
    assert code == 0
    assert not {"torch", "numpy", "h5py"} & modules
