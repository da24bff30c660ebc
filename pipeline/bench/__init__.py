"""How fast preparation is here: beside decoding alone, and beside MTCNN on full-size frames."""

from avdf.pipeline.bench.figures import FileBench, PrepBench
from avdf.pipeline.bench.prep import bench_prep

__all__ = ["FileBench", "PrepBench", "bench_prep"]
