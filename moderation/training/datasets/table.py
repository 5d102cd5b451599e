"""Every public set: where it comes from, on which terms, for what, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from moderation.training.datasets import media_sets, text_sets
from moderation.training.datasets.raw import RawPost


@dataclass(frozen=True, slots=True)
class PublicSet:
    """One set.

    Attributes:
        repository: ``owner/name`` on GitHub.
        commit: the one that the shipped model learned from.
        licence: in words; ``unclear`` where the repository states none for the data.
        labels: what it says of which category.
        read: the posts of a clone; pictures and sounds are written to the second folder.
    """

    repository: str
    commit: str
    licence: str
    labels: str
    read: Callable[[Path, Path], Iterable[RawPost]]


def _of_text(
    read: Callable[[Path], Iterable[RawPost]],
) -> Callable[[Path, Path], Iterable[RawPost]]:
    return lambda folder, _media: read(folder)


SETS: Final[Mapping[str, PublicSet]] = MappingProxyType(
    {
        "davidson": PublicSet(
            "t-davidson/hate-speech-and-offensive-language",
            "cb50f7e9eb855a99abc51423bf40df0e26d6fe30",
            "MIT",
            "hate, toxicity",
            _of_text(text_sets.davidson),
        ),
        "tweeteval_hate": PublicSet(
            "cardiffnlp/tweeteval",
            "4fbd22cd78421f05b1ecdb4fc5725bc7a7bd8f66",
            "unclear: no restrictions of its own, HatEval's and tweets' apply",
            "hate",
            _of_text(text_sets.tweeteval_hate),
        ),
        "tweeteval_offensive": PublicSet(
            "cardiffnlp/tweeteval",
            "4fbd22cd78421f05b1ecdb4fc5725bc7a7bd8f66",
            "unclear: no restrictions of its own, OLID's and tweets' apply",
            "toxicity",
            _of_text(text_sets.tweeteval_offensive),
        ),
        "cold": PublicSet(
            "thu-coai/COLDataset",
            "a0c55a945497ab58e94aef491180e1cf88ffb864",
            "Apache-2.0",
            "toxicity, Chinese",
            _of_text(text_sets.cold),
        ),
        "hatemoji_build": PublicSet(
            "HannahKirk/Hatemoji",
            "a626f63216158748d072e581efc00267031f4404",
            "CC BY 4.0",
            "hate, with emoji",
            _of_text(text_sets.hatemoji_build),
        ),
        "ethos": PublicSet(
            "intelligence-csd-auth-gr/Ethos-Hate-Speech-Dataset",
            "705258e118ce9611ebbd5ab2a4841b0066547293",
            "GPL-3.0",
            "hate, violence",
            _of_text(text_sets.ethos),
        ),
        "vicomtech": PublicSet(
            "Vicomtech/hate-speech-dataset",
            "b802137e8314c38a8d4faa965f9908d6c8e7a84d",
            "CC BY-SA 3.0 ES",
            "hate",
            _of_text(text_sets.vicomtech),
        ),
        "surge_toxicity": PublicSet(
            "surge-ai/toxicity",
            "ea80324b95ed7e3cc787bdb6faeb763fcc0ae258",
            "MIT",
            "toxicity",
            _of_text(text_sets.surge_toxicity),
        ),
        "sms_spam": PublicSet(
            "mohitgupta-omg/Kaggle-SMS-Spam-Collection-Dataset-",
            "9823a7f115df8caa24f7b3adfcc770526fbd07e3",
            "Apache-2.0 of the re-host; terms of the original corpus unclear",
            "spam",
            _of_text(text_sets.sms_spam),
        ),
        "twitter_suicidal": PublicSet(
            "laxmimerit/twitter-suicidal-intention-dataset",
            "d800024117181614aa908c821400cede24e07355",
            "unclear: none stated",
            "self_harm",
            _of_text(text_sets.twitter_suicidal),
        ),
        "ailuminate": PublicSet(
            "mlcommons/ailuminate",
            "769cc2be9d20c8d4fb26ce53b68865ed41dfb8e2",
            "CC BY 4.0",
            "violence, self_harm, weapons, hate, sexual: prompts to an assistant",
            _of_text(text_sets.ailuminate),
        ),
        "sentence_templates": PublicSet(
            "conversationai/unintended-ml-bias-analysis",
            "9c7d91aaa53406a362354661a93e07956d95e59a",
            "CC BY 4.0",
            "toxicity, with identity terms exchanged",
            _of_text(text_sets.sentence_templates),
        ),
        "guns": PublicSet(
            "SasankYadati/Guns-Dataset",
            "0eb7329bb419b59f720481fff02d1962f86a4a15",
            "GPL-3.0 of the repository; rights of the photos unclear",
            "weapons, pictures",
            media_sets.guns,
        ),
        "imagenet": PublicSet(
            "EliSchwartz/imagenet-sample-images",
            "bc69043e2862758a1906c6a24a792bb28c6bb2ff",
            "non-commercial: ImageNet's terms",
            "no weapons, pictures",
            media_sets.imagenet,
        ),
        "esc10": PublicSet(
            "karolpiczak/ESC-10",
            "553c8f1743b9dba6b282e1323c3ca8fa76923448",
            "CC BY 3.0; single clips CC0, CC BY or Sampling+",
            "none: sounds of surroundings",
            media_sets.esc10,
        ),
        "fsdd": PublicSet(
            "Jakobovski/free-spoken-digit-dataset",
            "26eb9aaf76e81b692f806f9140c2d2777410d7a1",
            "CC BY-SA 4.0",
            "none: spoken digits",
            media_sets.fsdd,
        ),
        "memes": PublicSet(
            "di-dimitrov/propaganda-techniques-in-memes",
            "9190894ecc2553ff10eea2baf91c36af9ed7579b",
            "unclear: BSD of the software, none for the memes",
            "toxicity, text on pictures",
            media_sets.memes,
        ),
    }
)
"""In the order of the training data's description; ``moderation dataset list`` prints it."""
