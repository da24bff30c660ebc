"""`avdf verify`: are these shards whole?"""

from typing import Annotated

import typer

from avdf.cli.exits import DONE, WRONG_USE


def verify(
    shards: Annotated[
        str, typer.Argument(help="Folder made by `avdf prep`, its URL, or one shard.")
    ],
    sources: Annotated[
        bool, typer.Option("--sources", help="Also compare the hashes of the source videos.")
    ] = False,
) -> int:
    """Check format, lengths, order, and that every crop decodes. Exit code 2 where something is wrong."""
    from avdf.cache.shards.folder import shard_paths
    from avdf.cache.shards.mirror import shard_folder
    from avdf.cache.shards.verify import verify_folder, verify_shards
    from avdf.pipeline.job.plan_file import planned_paths

    folder = shard_folder(shards)
    paths = shard_paths(folder)
    planned = planned_paths(paths[0].parent) if sources else {}
    problems = list(verify_shards(paths, sources, planned))
    for problem in problems:
        typer.echo(f"{problem.shard}: {problem.video}{': ' if problem.video else ''}{problem.what}")
    for path in sorted({problem.shard for problem in problems if problem.rebuild}):
        typer.echo(
            f"to rebuild: remove {path} and run the same `avdf prep` again; only that shard is built"
        )
    faults = verify_folder(folder, paths)
    for fault in faults:
        typer.echo(f"{folder}: {fault}")
    typer.echo(f"{len(paths)} shards, {len(problems) + len(faults)} problems")
    return WRONG_USE if problems or faults else DONE
