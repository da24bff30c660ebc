"""`avdf verify`: are these shards whole?"""

from typing import Annotated

import typer

from avdf.cli.exits import DONE, WRONG_USE


def verify(
    shards: Annotated[
        str, typer.Argument(help="Folder made by `avdf prep`, its URL, or one shard.")
    ],
    sources: Annotated[
        bool,
        typer.Option("--sources", help="Also compare the hashes of the source videos."),
    ] = False,
) -> int:
    """Check that shards are complete and readable.

    Checks format, lengths and order, and that every face crop can be decoded. Exit code 2:
    something is wrong; each problem is listed.
    """
    # Renamed, because the command has the name that typer shows to the user.
    from avdf.verifying import verify as verify_shards

    result = verify_shards(shards, sources)
    typer.echo(result)
    return DONE if result.whole else WRONG_USE
