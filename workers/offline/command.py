"""Command line of the offline commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from workers.picture_reading import PictureReading

ROWS_REFUSED: Final = 1
CANNOT_BEGIN: Final = 2
"""Exit codes."""

Input = Annotated[
    Path,
    typer.Argument(
        metavar="INPUT",
        help="JSON lines; a name ending in .gz is unzipped; - is standard input.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="File to write; .gz is zipped; - is standard output."),
]
Model = Annotated[
    Path | None, typer.Option(help="Folder of the model's weights; the shipped ones if left out.")
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")]
Policy = Annotated[Path | None, typer.Option(help="Policy file; the default one if left out.")]
MediaRoot = Annotated[
    Path | None,
    typer.Option(help="What media keys are relative to; the folder of INPUT if left out."),
]
MediaHost = Annotated[
    list[str] | None,
    typer.Option(help="Host that media may be fetched from; repeat for more; none if left out."),
]
ReadPictures = Annotated[
    PictureReading,
    typer.Option(
        help="Whether text in pictures is read; auto: where the extra `ocr` is installed."
    ),
]
Transcribe = Annotated[
    Path | None,
    typer.Option(help="Folder of a Whisper model that writes down what sounds say."),
]


def register(app: typer.Typer) -> None:
    """Add the offline commands."""
    app.command("run")(run)
    app.command("score")(score)
    app.command("explain")(explain)


def run(
    source: Input,
    *,
    output: Output = None,
    model: Model = None,
    policy: Policy = None,
    device: Device = "auto",
    media_root: MediaRoot = None,
    media_host: MediaHost = None,
    read_pictures: ReadPictures = PictureReading.AUTO,
    transcribe: Transcribe = None,
) -> None:
    """Judge posts without Kafka: media, model, rules, as in the worker.

    INPUT holds posts as on the topic `posts`; media keys are paths relative to the file. The
    verdicts go to OUTPUT as on the topic `verdicts`, and a table of them to the screen.

    A line that holds no post is named on standard error and left out; then the exit code is 1.
    It is 2 when the command cannot begin.
    """
    with _explained():
        import asyncio

        from workers.offline.app import judge_file
        from workers.offline.reading import Reading

        refused = asyncio.run(
            judge_file(
                source,
                output,
                model=model,
                device=device,
                policy=policy,
                media_root=media_root,
                media_hosts=media_host or (),
                reading=Reading(read_pictures, transcribe),
            )
        )
    if refused:
        raise typer.Exit(ROWS_REFUSED)


def score(
    source: Input,
    *,
    output: Output = None,
    model: Model = None,
    device: Device = "auto",
    read_pictures: ReadPictures = PictureReading.AUTO,
    transcribe: Transcribe = None,
) -> None:
    """Score rows of text, pictures and sound; no policy, no Kafka.

    A line of INPUT is `{"id", "text"?, "image"?, "audio"?}`, where `image` and `audio` are paths
    relative to the file. A line of OUTPUT (standard output if left out) is `{"id", "scores":
    {category: probability}, "not_scanned": [...]}`, in the same order; `scores` is empty where
    nothing could be looked at.

    A line that cannot be read is named on standard error and left out; then the exit code is 1.
    It is 2 when the command cannot begin.
    """
    with _explained():
        from workers.offline.app import score_file
        from workers.offline.reading import Reading

        refused = score_file(
            source,
            output or Path("-"),
            model=model,
            device=device,
            reading=Reading(read_pictures, transcribe),
        )
    if refused:
        raise typer.Exit(ROWS_REFUSED)


def explain(
    post: Annotated[
        Path, typer.Argument(metavar="POST", help="A post as JSON; - is standard input.")
    ],
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder that the picture goes to.")
    ] = Path(),
    category: Annotated[
        str | None, typer.Option(help="Category to explain; the highest if left out.")
    ] = None,
    model: Model = None,
    device: Device = "auto",
    media_root: MediaRoot = None,
    media_host: MediaHost = None,
    read_pictures: ReadPictures = PictureReading.AUTO,
    transcribe: Transcribe = None,
) -> None:
    """Show why a post is scored as it is: modalities, words, patches of pictures, seconds of sound.

    POST holds one post as on the topic `posts`; media keys are paths relative to the file. A
    picture `POST_ID.CATEGORY.png` is written for people, and the same in numbers is printed as one
    JSON object. Parts are hidden one after the other, so it takes some hundred scorings.
    """
    with _explained():
        import asyncio

        from workers.offline.explaining import as_text, explain_file
        from workers.offline.reading import Reading

        answer = asyncio.run(
            explain_file(
                post,
                output,
                category=category,
                model=model,
                device=device,
                media_root=media_root,
                media_hosts=media_host or (),
                reading=Reading(read_pictures, transcribe),
            )
        )
        print(as_text(answer))


@contextmanager
def _explained() -> Iterator[None]:
    """What the user can mend is told in one message, without a traceback."""
    from moderation.inference import InferenceError
    from moderation.model import ModelError
    from rules import PolicyError
    from workers.moderator.errors import StartError
    from workers.offline.errors import OfflineError

    try:
        yield
    except (OfflineError, InferenceError, ModelError, PolicyError, StartError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(CANNOT_BEGIN) from None
